"""A server that nobody prepared, whose table is swept every ten minutes, soaked in a minute; and its leaky twin."""

from __future__ import annotations

import pytest

from benchmarks.fast_forward import soaking
from benchmarks.fast_forward.cases import SLICE
from tests.programs import need

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("case", SLICE, ids=lambda case: case.name)
def test_what_a_sweeper_empties_is_no_leak_and_without_it_is_one(case, tmp_path, monkeypatch):
    """Bounded between two and ten minutes or more, by the task at its line; the twin names its table."""
    need("faketime")
    monkeypatch.setattr(soaking, "KEPT", tmp_path)
    record = soaking.carry_out(case, 1)
    assert record.is_right, record
    if not case.is_leaky:
        assert (record.by, record.line) == ("task sweep", "sweeper_task.py:20")
        assert record.holds_at_most is not None
