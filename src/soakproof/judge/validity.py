"""Whether a run can be judged at all: what is missing, broken or was not reached, each as a sentence to act on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from soakproof.judge.series import RestPoint, judged_pids, rest_points
from soakproof.samples import CLIENTS_METRIC, CONTAINERS, End, Executed, Run, Wave, kind_of

REACHED_SHARE = 0.98
FAILED_SHARE = 0.05
ENOUGH_TO_SHOW = 20  # Python 3.11 shows a function from its eighth call on
MOST_EVENTS = 5
CONNECTING = ("connect", "disconnect")


def find_broken(run: Run) -> Iterator[str]:
    """Yield why the readings cannot be trusted; then not even a leak can be claimed."""
    points = rest_points(run)
    if run.end and run.end.outcome == "unreachable":
        return
    if not any(wave.opened for wave in run.waves if wave.phase != "trace"):
        mostly = _say_commonest(run.waves)
        yield f"no connection was made{mostly}; see locust.log, and whether the url and the namespace are right"
    elif not points:
        yield "no rest point was read; the agent did not answer, see target.log"
    else:
        yield from _find_missing_kinds(points)
        yield from _find_changed_processes(points)
    yield from _find_nonsense(run)


def _find_missing_kinds(points: list[RestPoint]) -> Iterator[str]:
    kinds = {kind_of(metric) for point in points for sample in point.samples.values() for metric in sample.metrics}
    if not kinds.intersection(CONTAINERS):
        yield "no registry was seen in the target; need at least the library's own, see target.log and soakproof doctor"
    if "process" not in kinds:
        yield "the memory of the process was never read; see soakproof doctor"


def _find_changed_processes(points: list[RestPoint]) -> Iterator[str]:
    """Find workers that came or went between the first judged rest point and the last: their counts went with them."""
    judged = [point for point in points if point.phase != "baseline"]
    for before, after in pairwise(judged):
        if before.samples.keys() != after.samples.keys():
            gone, new = (sorted(a.samples.keys() - b.samples.keys()) for a, b in ((before, after), (after, before)))
            yield (
                f"processes changed before {_say_point(after)}: {gone or 'none'} gone, {new or 'none'} new; "
                "need the same workers throughout, so turn worker recycling off"
            )
            return


def _find_nonsense(run: Run) -> Iterator[str]:
    for sample in run.samples:
        for metric, value in sample.metrics.items():
            if not math.isfinite(value):
                yield f"{metric} reads {value} at {sample.t_s:.1f} s; need a number, so soak again"
                return


def find_incomplete(run: Run) -> Iterator[str]:
    """Yield why a run without a leak cannot be called bounded: it did not see all it was to see."""
    yield from find_bad_end(run.end)
    yield from _find_untouched(run)
    waves = [wave for wave in run.waves if wave.phase in {"wave", "held"}]
    if len(waves) < run.header.plan.waves and (run.end is None or run.end.outcome == "completed"):
        yield f"{len(waves)} of {run.header.plan.waves} waves were run; soak again"
    points = {(point.phase, point.wave) for point in rest_points(run)}
    for wave in run.waves:
        if wave.phase in {"wave", "held", "steady"}:
            yield from _find_unreached(wave)
    is_cut_off = run.end is not None and run.end.outcome == "interrupted"
    for wave in waves[:-1] if is_cut_off else waves:  # the last one may have been interrupted while it settled
        if (wave.phase, wave.index) not in points:
            yield f"wave {wave.index} has no rest point; the target did not answer then, see target.log"


def _find_untouched(run: Run) -> Iterator[str]:
    """Find that nothing of the application ran: what was soaked is the library alone."""
    executed = run.executed
    if executed is None or not executed.functions or executed.ran or _is_application_moved(run):
        return
    opened = sum(wave.opened for wave in run.waves if wave.phase != "trace")
    if opened >= ENOUGH_TO_SHOW:
        yield f"no line of the application ran in {opened:,} connections; {_say_how_to_reach(executed)}"


def _is_application_moved(run: Run) -> bool:
    """Whether a container of the application's own gained or lost entries."""
    return any(info.origin == "application" and kind_of(info.metric) in CONTAINERS for info in run.metrics.values())


def _say_how_to_reach(executed: Executed) -> str:
    events = [event for event in executed.events if event not in CONNECTING]
    if events:
        return f"have the clients call what it handles ({', '.join(events[:MOST_EVENTS])}) with --join EVENT[=JSON]"
    return "have the clients do what its own do before and after they connect: Locust users of your own (-f FILE)"


def find_bad_end(end: End | None) -> Iterator[str]:
    """Yield how a run ended before its time, if it did: whatever else is missing is likely for that reason."""
    if end is None:
        yield "the run has no end: soakproof itself was cut short; soak again"
    elif end.outcome not in {"completed", "interrupted"}:
        what = {
            "target-died": "the target died",
            "load-failed": "the load generator failed",
            "unreachable": "nobody could connect",
            "agent-lost": "the agent was lost",
        }
        yield f"{what[end.outcome]}{': ' if end.reason else ''}{end.reason}; see target.log and locust.log"


def _find_unreached(wave: Wave) -> Iterator[str]:
    name = f"{wave.phase} {wave.index}"
    if wave.opened < REACHED_SHARE * wave.intended:
        reached = f"{name} reached {wave.opened:,} of {wave.intended:,} connections"
        mostly = _say_commonest([wave])
        yield f"{reached}{mostly}; " + ("see locust.log" if mostly else "lower --clients or --rate, or add --workers")
    elif wave.failures > FAILED_SHARE * (wave.events if wave.phase == "held" else wave.intended):
        of = f"{wave.events:,} events" if wave.phase == "held" else f"{wave.intended:,} connections"
        yield f"{name}: {wave.failures:,} failures in {of}{_say_commonest([wave])}; see locust.log"


def _say_commonest(waves: list[Wave]) -> str:
    """Return the failure that was met most often, to be put behind a sentence; nothing where none was told."""
    errors: Counter[str] = Counter()
    for wave in waves:
        errors.update(wave.errors)
    return "".join(f" (mostly: {error})" for error, _ in errors.most_common(1))


def _say_point(point: RestPoint) -> str:
    return point.phase if point.wave is None else f"{point.phase} {point.wave}"


def find_doubts(run: Run) -> Iterator[str]:
    """Yield what does not change the verdict, yet belongs beside it."""
    if run.end is not None and run.end.outcome == "interrupted":
        yield "interrupted: judged on the waves that were finished"
    for wave in run.waves:
        if wave.phase == "warmup":
            yield from _find_unreached(wave)
    points = rest_points(run)
    unsettled = [point for point in points if not point.is_settled and point.phase != "baseline"]
    if unsettled:
        names = ", ".join(_say_point(point) for point in unsettled)
        yield f"{len(unsettled)} of {len(points)} rest points did not settle and were not judged: {names}"
    yield from _find_idle_processes(run)


def _find_idle_processes(run: Run) -> Iterator[str]:
    """Find workers that no client ever reached: the verdict is on the others."""
    most = dict.fromkeys(judged_pids(rest_points(run)), 0.0)
    for sample in run.samples:
        if sample.pid in most:
            most[sample.pid] = max(most[sample.pid], sample.metrics.get(CLIENTS_METRIC, 0.0))
    idle = [pid for pid, clients in most.items() if not clients]
    if 0 < len(idle) < len(most):
        names = ", ".join(map(str, idle))
        yield f"process {names}: no client was seen there, so nothing is known of it; raise --clients"
