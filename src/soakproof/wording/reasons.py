"""The one sentence on a run: what a person can act on first."""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.culprits import Site
from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding, Verdict, is_cause, is_open
from soakproof.wording.findings import names_itself, say_reason
from soakproof.wording.names import name_in_prose
from soakproof.wording.numbers import say_small
from soakproof.wording.warned import say_warning

INSTALLED = "/site-packages/"


def say_verdict_reason(verdict: Verdict) -> str:
    """Return why a run is judged as it is, as one sentence without a full stop."""
    match verdict.verdict:
        case "leak":
            return _say_leaks([finding for finding in verdict.findings if is_cause(finding)])
        case "invalid":
            return say_warning(verdict.obstacle) if verdict.obstacle else "nothing can be judged"
        case "inconclusive":
            return _say_undecided([finding for finding in verdict.findings if is_open(finding)], verdict.connections)
        case "bounded":
            bounded = sum(finding.is_deciding for finding in verdict.findings)
            counts = f"all {bounded:,} counts are proven bounded over {verdict.connections:,} connections"
            return counts + _say_resolution(verdict)


def _say_resolution(verdict: Verdict) -> str:
    """Return how finely the run looked, as the end of a sentence."""
    resolution = verdict.resolution
    if resolution is None:
        return ""
    per = verdict.findings[0].per
    memory = "" if resolution.bytes is None else f", bytes in use by at most {max(resolution.bytes, 1):,.0f} B"
    most = say_small(resolution.entries)
    return f": no container, task, thread or descriptor grows by more than {most} per {per}{memory}"


def _say_leaks(leaks: Sequence[Finding]) -> str:
    first = leaks[0]
    culprit = first.culprit
    where = say_place(culprit.sites) if culprit else ""
    trigger = f", on {culprit.trigger}" if culprit and culprit.trigger else ""
    return f"{name_in_prose(first.metric)} {say_reason(first)}{where}{trigger}{say_others(leaks)}"


def _say_undecided(undecided: Sequence[Finding], connections: int) -> str:
    slowest = max(undecided, key=lambda finding: finding.waves_to_decide or 0)
    if all(map(_stood_still, undecided)):
        return _say_too_few(undecided, connections)
    more = slowest.waves_to_decide
    advice = f"; about {more} more waves would decide" if more else ""
    others = f" ({len(undecided)} metrics undecided)" if len(undecided) > 1 else ""
    return f"{say_named_reason(slowest)}{advice}{others}"


def _stood_still(finding: Finding) -> bool:
    """Whether a count was the same all along, and is open only because the run is short."""
    is_short = finding.rule == Rule.UNDECIDED and finding.per == "connection"
    return is_short and finding.first == finding.last and finding.per_connection == finding.ci[0] == 0


def _say_too_few(still: Sequence[Finding], connections: int) -> str:
    """Say of a run in which nothing grew what it could have told, and what would be enough."""
    least = say_small(max(finding.ci[1] for finding in still))
    more = max(finding.waves_to_decide or 0 for finding in still)
    advice = f"; about {more} more waves would decide" if more else ""
    told = f"{connections:,} connections tell no less than {least} per connection from none"
    return f"nothing undecided grew, but {told}{advice} ({len(still)} metrics undecided)"


def say_named_reason(finding: Finding) -> str:
    """Return the reason with the metric's name before it."""
    reason = say_reason(finding)
    return reason if names_itself(finding) else f"{name_in_prose(finding.metric)}: {reason}"


def say_others(leaks: Sequence[object]) -> str:
    """Return how many there are besides the first, as the end of a sentence."""
    return f"; and {len(leaks) - 1} more" if len(leaks) > 1 else ""


def say_place(sites: Sequence[Site]) -> str:
    """Return the line to look at, as the end of a sentence; of a library's line the path within the library.

    Nothing where a handler's failure is to blame: the trigger, which follows, says where that is.
    """
    site = next(iter(sites), None)
    if site is None or site.role == "raises":
        return ""
    return f", at {site.file.rpartition(INSTALLED)[2]}:{site.line}"
