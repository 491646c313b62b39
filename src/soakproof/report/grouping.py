"""Which findings belong together: the causes first, then the registries, then everything that is only counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from soakproof.judge.verdict import Finding, Verdict, is_cause, is_open
from soakproof.metrickinds import Kind
from soakproof.samples import Run

MOST_PROCESSES = 8
INNER = set("[(<")
FEW_FLAT = 3
CONDENSED: tuple[Kind, ...] = ("task", "thread", "fd", "heap", "process")
BESIDES: tuple[Kind, ...] = ("child", "map", "blocks")


@dataclass(frozen=True)
class Groups:
    """The findings of a verdict, sorted by what a reader asks of them.

    ``causes`` are the leaks that explain the others. A finding stands in one of the other four lists: registries in the
    order of interest, the rest in the judge's.
    """

    causes: list[Finding]
    application: list[Finding]
    library: list[Finding]
    condensed: list[Finding]
    listed: list[Finding]

    @property
    def prominent(self) -> list[Finding]:
        """What is to be shown large: leaks, what is open, the application's registries, what lingers; in this order."""
        own = [finding for finding in self.application if not is_still(finding)] or self.application
        others = [*self.library, *self.condensed, *self.listed]
        notable = [finding for finding in split_flat(others)[0] if finding.unit != "bytes" and is_notable(finding)]
        return sorted([*own, *notable], key=lambda finding: (not is_cause(finding), not is_open(finding)))

    @property
    def small(self) -> list[Finding]:
        """What is to be shown small: the library's registries in which something moved."""
        return [finding for finding in self.library if finding not in self.prominent and not is_still(finding)]

    @property
    def still(self) -> list[Finding]:
        """Registries of which a picture would show nothing: bounded, and the same whenever they were read."""
        shown = [*self.prominent, *self.small]
        return [finding for finding in self.registries if finding not in shown]

    @property
    def registries(self) -> list[Finding]:
        """All registries, the application's first, but leaks before anything else."""
        both = [*self.application, *self.library]
        return sorted(both, key=lambda finding: finding.verdict != "leak")


def group(run: Run, verdict: Verdict) -> Groups:
    """Sort the findings of a verdict."""
    containers = [finding for finding in verdict.findings if is_shown_as_registry(finding)]
    return Groups(
        causes=[finding for finding in verdict.findings if is_cause(finding)],
        application=sort_by_interest(finding for finding in containers if not is_library(run, finding)),
        library=sort_by_interest(finding for finding in containers if is_library(run, finding)),
        condensed=[finding for finding in verdict.findings if is_condensed(finding)],
        listed=[each for each in verdict.findings if not is_condensed(each) and not is_shown_as_registry(each)],
    )


def is_condensed(finding: Finding) -> bool:
    """Whether it has a line among the few totals: of what is counted besides, where there is something to see."""
    return finding.kind in CONDENSED or (finding.kind in BESIDES and is_notable(finding))


def sort_by_interest(findings: Iterable[Finding]) -> list[Finding]:
    """Put first what decides, in the judge's order; then what has a name of its own; of these, what moved the most."""
    return sorted(findings, key=_dullness)


def _dullness(finding: Finding) -> tuple[object, ...]:
    if is_open(finding) or is_cause(finding):
        return (False,)
    is_inner = any(part.startswith("_") for part in finding.name.split(".")) or not INNER.isdisjoint(finding.name)
    return (True, is_still(finding), finding.verdict != "bounded", is_inner, finding.last - finding.peak)


def is_still(finding: Finding) -> bool:
    """Whether it is bounded, and was the same whenever it was read."""
    return finding.verdict == "bounded" and finding.first == finding.last == finding.peak


def split_flat(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return what is to be told one by one, and what is told together.

    That is what is open only because the run was too short to prove that it stays as it was, where it is more than a
    few: all of them say the same.
    """
    flat = [finding for finding in findings if _is_flat_open(finding)]
    if len(flat) <= FEW_FLAT:
        return list(findings), []
    return [finding for finding in findings if not _is_flat_open(finding)], flat


def _is_flat_open(finding: Finding) -> bool:
    is_flat = finding.per_connection == 0 and finding.ci[0] == 0 and finding.first == finding.last
    return finding.verdict == "inconclusive" and is_flat and finding.unit != "bytes"


def is_notable(finding: Finding) -> bool:
    """Whether there is something to see in it: a leak, an open question, a lingering tail."""
    return is_cause(finding) or is_open(finding) or finding.lingers_s is not None


def is_shown_as_registry(finding: Finding) -> bool:
    """Whether it stands among the registries: known ones always, other containers when there is something to see."""
    return finding.kind in {"registry", "library"} or (finding.kind == "container" and finding.verdict != "bounded")


def is_library(run: Run, finding: Finding) -> bool:
    """Whether a library owns the container, and not the application."""
    info = run.metrics.get(finding.metric)
    return finding.kind == "library" or (info is not None and info.origin != "application")


def count_by_verdict(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings there are of each verdict, worst first, without those of which there are none."""
    counts = {name: sum(f.verdict == name for f in findings) for name in ("leak", "inconclusive", "bounded")}
    return {name: count for name, count in counts.items() if count}


def list_processes(findings: Iterable[Finding]) -> list[int]:
    """Return the pids that have a column of their own: those of several processes that serve, as many as fit."""
    pids = sorted({pid for finding in findings for pid in finding.by_process})
    return pids if len(pids) <= MOST_PROCESSES else []
