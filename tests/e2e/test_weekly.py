"""The cookbook's weekly soak: the commands of its workflow, on segments of seconds, and their history."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import CLEAN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cookbook" / "weekly.md"
SMALLER = "--drop close --clients 20 --waves 5 --max-waves 5 --steady 0 --drain 0 --trace never"
LEAKING = CLEAN.replace("app = ", "SEEN = []\napp = ") + "    SEEN.append(sid)\n"


def block(language: str) -> str:
    """Return the code block of the page that is in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)[0]


def commands() -> list[str]:
    """Return what the steps of the page's workflow call of soakproof: to soak a segment, and to read them all."""
    return re.findall(r"^ +- run: (soakproof .*)$", block("yaml"), re.MULTILINE)


def call(command: str, directory: Path, segment: int = 0) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {**os.environ, "PATH": path, "SEGMENT": str(segment)}
    return subprocess.run(
        command, shell=True, cwd=directory, env=variables, capture_output=True, text=True, check=False, timeout=280
    )


def test_segments_are_soaked_and_become_a_history(tmp_path: Path) -> None:
    """Each segment has its own verdict; where one leaks from then on, the history names it."""
    (tmp_path / "soak.toml").write_text(block("toml"))
    soaking, reading = commands()
    assert "segment: [1, 2, 3, 4]" in block("yaml")
    for segment in range(1, 5):
        (tmp_path / "app.py").write_text(CLEAN if segment < 3 else LEAKING)
        done = call(soaking.replace(" -- ", f" {SMALLER} -- "), tmp_path, segment)
        assert (done.returncode == 1) is (segment >= 3), done.stdout + done.stderr
    trend = call(reading, tmp_path)
    assert trend.returncode == 0, trend.stdout + trend.stderr
    assert "registry app.SEEN keeps more: 0 before, +1.00 since" in " ".join(trend.stdout.split())
    assert (tmp_path / "reports" / "trend" / "trend.html").exists()
