"""What the memory tab of Locust's page says (``--ui``): the run as it is judged so far, anew at each rest point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from soakproof.judge import judge_run
from soakproof.judge.verdict import Finding, Verdict
from soakproof.load.processes.control import MemoryRow
from soakproof.metrickinds import CONTAINERS
from soakproof.runfile import add, gather
from soakproof.samples import AnyRecord, Header, Run, Sample
from soakproof.wording.names import name_metric_in_full
from soakproof.wording.numbers import say_amount, say_growth

MOST_ROWS = 100
SHOWN = (*CONTAINERS, "task", "thread", "fd", "heap", "process")


class MemoryTab:
    """Hears of each record of a run, and has rows shown.

    It keeps the run by itself: what the journal reads it may forget.
    """

    def __init__(self, header: Header, show: Callable[[Sequence[MemoryRow]], None]) -> None:
        self._run = gather([header])
        self._run.is_under_way = True
        self._show = show

    def tell(self, record: AnyRecord) -> None:
        """Take note of a record; after a reading at rest, judge."""
        add(self._run, record)
        if isinstance(record, Sample) and record.kind == "rest":
            self._show([*make_rows(self._run, judge_run(self._run))])


def make_rows(run: Run, verdict: Verdict) -> Iterator[MemoryRow]:
    """Yield the run's row, and one for each container, and each total, the likeliest cause first."""
    last = run.samples[-1]
    where = f"{last.phase} {last.wave}" if last.wave else last.phase
    yield MemoryRow("the run", "", f"{last.connections:,} connections", where, say_so_far(verdict.findings))
    shown = [each for each in verdict.findings if each.kind in SHOWN]
    yield from (make_row(each) for each in shown[:MOST_ROWS])


def say_so_far(findings: Sequence[Finding]) -> str:
    """Return how far the run is from its verdict, which a run that goes on has not."""
    deciding = [each for each in findings if each.is_deciding]
    leaks = [each for each in deciding if each.verdict == "leak"]
    opened = [each for each in deciding if each.verdict != "bounded"]
    if leaks:
        return f"leak: {name_metric_in_full(leaks[0].metric)}"
    if opened or not deciding:
        return f"not decided yet: {len(opened)} of {len(deciding)} counts are open"
    return f"bounded: all {len(deciding)} counts"


def make_row(finding: Finding) -> MemoryRow:
    """Return what is known of a metric so far."""
    return MemoryRow(
        name_metric_in_full(finding.metric),
        say_amount(finding.first, finding.unit),
        say_amount(finding.last, finding.unit),
        say_growth(finding.per_connection, finding.unit),
        finding.verdict,
    )
