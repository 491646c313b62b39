"""The sentences at the top of every report: what the verdict means, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from soakproof.culprits import Culprit, Site
from soakproof.judge.codes import Rule
from soakproof.judge.filling import warn_of_filling
from soakproof.judge.verdict import Finding, Verdict, is_cause, is_open
from soakproof.samples import Run, Settle
from soakproof.wording.account import advise_on_account
from soakproof.wording.culprits import is_memory, main_site, name_culprit
from soakproof.wording.extrapolation import say_extrapolations
from soakproof.wording.names import name_metric_in_full, say_per
from soakproof.wording.remedies import is_native, say_remedy
from soakproof.wording.slope import say_slope_per
from soakproof.wording.warned import say_warning

OUTCOME_ADVICE = {
    "target-died": "Read the last lines of target.log for why the server ended, mend that, and soak again.",
    "load-failed": "Read locust.log; if the generator was too slow, ask for fewer clients (--clients) or more workers "
    "(--workers), and soak again.",
    "unreachable": "Mend what refuses the clients, or say how they are to connect (--path, --namespace, --auth, "
    "--header, --transports), and soak again.",
    "agent-lost": "The agent inside the server stopped answering: see target.log, then `soakproof doctor`, and soak "
    "again.",
    "interrupted": "The run was interrupted before enough was measured; let it finish.",
    "completed": "See the warnings for what is missing, and soak again.",
}
BASELINE_ADVICE = "Keep this run as a baseline: `soakproof compare BASE NEW` tells when that changes."
BOUNDED = {
    None: "The server's memory stays bounded.",
    "allocator": "The server's memory stays bounded; most of what RSS rose by, the allocator holds free.",
    "collector": "The server's memory stays bounded; most of what RSS rose by waited for the garbage collector.",
}
UNSETTLED_SHARE = 0.3
MOST_ADVICE = 3
HOPELESS_WAVES = 100
HOPELESS_ADVICE = (
    "Growth lies about at the margin, and more waves alone would hardly decide: use more clients (--clients), or say "
    "what counts as growth (`soakproof judge RUN --margin entries=0.01`)."
)
CUT_SHORT_ADVICE = "The run has no end: soakproof itself was stopped before it could finish. Soak again."


def say_headline(run: Run, verdict: Verdict) -> str:
    """Return the verdict as one plain sentence."""
    match verdict.verdict:
        case "bounded":
            return BOUNDED[verdict.account.keeper if verdict.account else None]
        case "leak":
            return _say_leak(run, verdict)
        case "inconclusive":
            return _say_undecided(verdict)
        case "invalid":
            return "Nothing can be said: the run is incomplete."


def _say_undecided(verdict: Verdict) -> str:
    open_ones = list(filter(is_open, verdict.findings))
    if open_ones and all(finding.rule == Rule.HELD_BY_TIMER for finding in open_ones):
        return "Not decided: what grows is held by timers that were not due yet."
    if any(finding.rule == Rule.NOT_DRAINED for finding in open_ones):
        return "Not decided: the run ended before it was seen whether what grew goes by itself."
    return "Not decided: this run is too short or too noisy to prove that memory stays bounded."


def _say_leak(run: Run, verdict: Verdict) -> str:
    cause = next((finding for finding in verdict.findings if finding.verdict == "leak"), None)
    if cause is None:
        return "The server leaks."
    growth = say_slope_per(cause, say_per(run))
    if is_memory(cause):
        return _say_bytes_leak(main_site(cause), growth, is_native=is_native(cause))
    if cause.kind == "blocks":
        return f"Memory leaks: {growth}, {name_culprit(cause)}."
    if cause.kind == "heap":
        return f"The server's memory leaks {growth}, in no container that Python can see."
    return f"{name_culprit(cause)} leaks: {growth}."


def _say_bytes_leak(site: Site | None, growth: str, *, is_native: bool) -> str:
    """Say whose memory grows while every count stands still: what swells at a line, or C code's by elimination."""
    if site is None or is_native:
        where = f", at {site.file}:{site.line}" if site else ""
        return f"Native memory leaks: {growth}{where}, while no object of Python grows."
    return f"What {site.file}:{site.line} adds to swells: {growth}, in no container that gains entries."


def advise(run: Run, verdict: Verdict) -> list[str]:
    """Return what to do next, a sentence each, most useful first."""
    match verdict.verdict:
        case "bounded":
            filling = [f"{say_warning(warning)}." for warning in warn_of_filling(verdict.findings)]
            kept = advise_on_account(verdict.account) if verdict.account else []
            return [*filling, *kept, f"Nothing {'else ' if filling or kept else ''}to mend. {BASELINE_ADVICE}"]
        case "leak":
            causes = filter(is_cause, verdict.findings)
            advice = [*dict.fromkeys(say_remedy(cause, run.metrics.get(cause.metric)) for cause in causes)][
                :MOST_ADVICE
            ]
            return [*advice, *_advise_on_bounds(verdict), *say_extrapolations(run, verdict)]
        case "inconclusive":
            return _advise_to_run_longer(run, verdict)
        case "invalid":
            return [OUTCOME_ADVICE[run.end.outcome] if run.end else CUT_SHORT_ADVICE]


def _advise_on_bounds(verdict: Verdict) -> list[str]:
    """Say how to declare a cache that is meant to fill, of a container of the application that never lost anything."""
    cause = next(filter(is_cause, verdict.findings), None)
    if cause is None or cause.kind != "registry" or cause.rule != Rule.SLOPE:
        return []
    key = f'`[tool.soakproof.registries."{name_culprit(cause)}"]`'
    bounds = f"{key} with `max_items = N` or `ttl_s = N`"
    return [f"If it is a cache that is to fill beyond {cause.last:,.0f}, declare it: {bounds}."]


def _advise_to_run_longer(run: Run, verdict: Verdict) -> list[str]:
    """Return what would decide: rest points that settle come before more of them."""
    unsettled = [settle for settle in run.settles if not settle.is_settled]
    if len(unsettled) > len(run.settles) * UNSETTLED_SHARE:
        return [_advise_on_settling(unsettled, len(run.settles))]
    open_ones = [finding for finding in verdict.findings if finding.verdict == "inconclusive" and finding.is_deciding]
    held = [finding for finding in open_ones if finding.rule == Rule.HELD_BY_TIMER]
    if held:
        return list(map(_advise_on_timer, held))
    if any(finding.rule == Rule.NOT_DRAINED for finding in open_ones):
        return ["Soak again, and let the run come to its end: its drain tells what lingers from what leaks."]
    more = max((finding.waves_to_decide or 0 for finding in open_ones), default=0)
    if more >= HOPELESS_WAVES:
        return [HOPELESS_ADVICE]
    if not more:
        return ["Run more waves (--waves), or waves with more clients (--clients), and read the reasons below."]
    waves = sum(wave.phase in {"wave", "held"} for wave in run.waves) + more
    plural = "" if more == 1 else "s"
    return [f"About {more:,} more wave{plural} would decide: --waves {waves:,}."]


def _advise_on_timer(held: Finding) -> str:
    """Say how to see whether a timer drops what it holds."""
    culprit = held.culprit or Culprit()
    return (
        f"{name_culprit(held)} grows until {culprit.held_by} has run, {culprit.held_s or 0:,.0f} s after the client "
        "left: have that time set to seconds for the soak, and it is seen whether all goes."
    )


def _advise_on_settling(unsettled: Sequence[Settle], total: int) -> str:
    left = {metric: count for settle in unsettled for metric, count in settle.remaining.items()}
    most = max(left, key=lambda metric: left[metric], default=None)
    remains = f" (left over at the last: {left[most]:,.0f} {name_metric_in_full(most)})" if most else ""
    return (
        f"{len(unsettled)} of {total} rest points did not settle{remains}: what the clients caused was still going on "
        "when the wait ended. Let the server finish its work sooner, or soak with fewer clients (--clients)."
    )
