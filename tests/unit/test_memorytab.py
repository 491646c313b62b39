"""The rows of the memory tab: the run as it is judged at each rest point, the likeliest cause first."""

from __future__ import annotations

import pytest

from soakproof.config import Config
from soakproof.config.checks import check
from soakproof.errors import ConfigError
from soakproof.run.memorytab import MemoryTab
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import make_run


def rows_over(run):
    """Return what is shown after each reading at rest of a run that is told record by record."""
    shown = []
    tab = MemoryTab(run.header, shown.append)
    records = [*run.metrics.values(), *run.settles, *run.waves, *run.samples]
    for record in sorted(records, key=lambda record: getattr(record, "t_s", getattr(record, "t_end_s", 0.0))):
        tab.tell(record)
    rests = [sample for sample in run.samples if sample.kind == "rest"]
    assert len(shown) == len(rests)
    return shown


def test_a_leak_comes_to_be_the_first_row():
    """At first nothing is decided; in the end the container is on top, with its readings and its growth."""
    shown = rows_over(make_run("leak"))
    assert shown[1][0].verdict.startswith("not decided yet")
    run, cause = shown[-1][:2]
    assert run.verdict == f"leak: {cause.metric}"
    assert (cause.metric, cause.verdict) == (f"registry {LOCKS.partition(':')[2]}", "leak")
    assert cause.growth.startswith("+")


def test_what_is_bounded_says_so():
    """Every row, once there are enough rest points."""
    run, *rows = rows_over(make_run("bounded"))[-1]
    assert run.verdict.startswith("bounded: all")
    counted = [row for row in rows if row.metric.startswith(("registry", "library"))]
    assert counted
    assert {row.verdict for row in counted} == {"bounded"}


def test_a_command_has_no_page():
    """``--load`` runs a program of somebody else's."""
    with pytest.raises(ConfigError, match="--load and --ui were both given"):
        check(Config(command=["server"], load="client", ui=True))
