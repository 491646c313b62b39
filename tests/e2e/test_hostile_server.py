"""A server full of objects that answer nobody honestly is soaked like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.soaking import SHORT, soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

APPS = Path(__file__).resolve().parents[1] / "apps"


def test_a_server_that_makes_hostile_objects_for_each_client_is_proven_bounded(tmp_path: Path) -> None:
    """Classes, half-made instances and odds come and go by thousands: no census is lost, and no code of theirs runs."""
    soaked = soak(tmp_path / "run", SHORT, [sys.executable, "hostile_server.py", "{port}"], directory=APPS)
    log = (tmp_path / "run" / "target.log").read_text()
    assert "INTRUSION" not in log
    assert "Traceback" not in log
    assert soaked.verdict.get("verdict") == "bounded", soaked.printed
    assert soaked.exit_code == 0
