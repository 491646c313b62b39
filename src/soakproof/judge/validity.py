"""Whether a run can be judged at all: what is missing, broken or was not reached, each as a code with values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from soakproof.judge.restpoints import RestPoint, judged_pids, rest_points
from soakproof.metrickinds import CLIENTS_METRIC, CONTAINERS, kind_of
from soakproof.samples import Run, Sample, Wave
from soakproof.warningcodes import RunWarning, Value, WarningCode, warn

REACHED_SHARE = 0.98
FAILED_SHARE = 0.05
FAILING_SHARE = 0.5
ENOUGH_TO_SHOW = 20  # Python 3.11 shows a function from its eighth call on
MOST_EVENTS = 5
RSS = "process:rss"
CONNECTING = ("connect", "disconnect")


def find_broken(run: Run) -> Iterator[RunWarning]:
    """Yield why the readings cannot be trusted; then not even a leak can be claimed."""
    points = rest_points(run)
    if run.end and (run.end.outcome == "unreachable" or (run.end.outcome == "target-died" and not run.waves)):
        return  # how it ended says it all
    if not any(wave.opened for wave in run.waves if wave.phase != "trace"):
        yield warn(WarningCode.NO_CONNECTION, error=find_commonest(run.waves))
    elif not points:
        yield warn(WarningCode.NO_REST_POINT)
    else:
        yield from _find_missing_kinds(points)
        yield from _find_changed_processes(points)
    yield from _find_nonsense(run)


def _find_missing_kinds(points: list[RestPoint]) -> Iterator[RunWarning]:
    kinds = {kind_of(metric) for point in points for sample in point.samples.values() for metric in sample.metrics}
    if not kinds.intersection({*CONTAINERS, "heap"}):  # a server without Socket.IO need have no container that differs
        yield warn(WarningCode.NOTHING_COUNTED)
    if "process" not in kinds:
        yield warn(WarningCode.NO_PROCESS_MEMORY)


def _find_changed_processes(points: list[RestPoint]) -> Iterator[RunWarning]:
    """Find workers that came or went between the first judged rest point and the last: their counts went with them."""
    judged = [point for point in points if point.phase != "baseline"]
    for before, after in pairwise(judged):
        if before.samples.keys() != after.samples.keys():
            yield warn(
                WarningCode.PROCESSES_CHANGED,
                before=_name_point(after),
                gone=[*sorted(before.samples.keys() - after.samples.keys())],
                new=[*sorted(after.samples.keys() - before.samples.keys())],
            )
            return


def _find_nonsense(run: Run) -> Iterator[RunWarning]:
    for sample in run.samples:
        for metric, value in sample.metrics.items():
            if not math.isfinite(value):
                yield warn(WarningCode.NOT_A_NUMBER, metric=metric, value=str(value), t_s=sample.t_s)
                return


def find_incomplete(run: Run) -> Iterator[RunWarning]:
    """Yield why a run without a leak cannot be called bounded: it did not see all it was to see."""
    yield from find_bad_end(run)
    yield from _find_untouched(run)
    waves = [wave for wave in run.waves if wave.phase in {"wave", "held"}]
    if len(waves) < run.header.plan.waves and (run.end is None or run.end.outcome == "completed"):
        yield warn(WarningCode.TOO_FEW_WAVES, waves=len(waves), planned=run.header.plan.waves)
    points = {(point.phase, point.wave) for point in rest_points(run)}
    yield from _find_unreached(wave for wave in run.waves if wave.phase in {"wave", "held", "steady"})
    is_cut_off = run.end is not None and run.end.outcome == "interrupted"
    for wave in waves[:-1] if is_cut_off else waves:  # the last one may have been interrupted while it settled
        if (wave.phase, wave.index) not in points:
            yield warn(WarningCode.NO_REST_AFTER_WAVE, wave=wave.index)


def _find_untouched(run: Run) -> Iterator[RunWarning]:
    """Find that nothing of the application ran: what was soaked is the library alone."""
    executed = run.executed
    if executed is None or not executed.functions or executed.ran or _is_application_moved(run):
        return
    opened = sum(wave.opened for wave in run.waves if wave.phase != "trace")
    if opened >= ENOUGH_TO_SHOW:
        events: list[int | str] = [event for event in executed.events if event not in CONNECTING]
        yield warn(WarningCode.NOTHING_RAN, connections=opened, events=events[:MOST_EVENTS])


def _is_application_moved(run: Run) -> bool:
    """Whether a container of the application's own gained or lost entries."""
    return any(info.origin == "application" and kind_of(info.metric) in CONTAINERS for info in run.metrics.values())


def find_bad_end(run: Run) -> Iterator[RunWarning]:
    """Yield how a run ended before its time, if it did: whatever else is missing is likely for that reason."""
    end = run.end
    if end is None:
        yield warn(WarningCode.NO_END)
    elif end.outcome not in {"completed", "interrupted"}:
        grown = _find_growth(run.samples) if end.outcome in {"target-died", "agent-lost"} else {}
        where = _name_moment(run.samples[-1]) if run.samples else ""
        yield warn(WarningCode.ENDED_EARLY, outcome=end.outcome, reason=end.reason, t_s=end.t_s, where=where, **grown)


def _find_growth(samples: list[Sample]) -> dict[str, Value]:
    """Return the memory of all processes at their first reading and at their last, and the connections between."""
    read = [sample for sample in samples if RSS in sample.metrics]
    if not read:
        return {}
    first = {sample.pid: sample.metrics[RSS] for sample in reversed(read)}
    last = {sample.pid: sample.metrics[RSS] for sample in read}
    made = read[-1].connections - read[0].connections
    return {"first_bytes": sum(first.values()), "last_bytes": sum(last.values()), "connections": made}


def _name_moment(sample: Sample) -> str:
    return sample.phase if sample.wave is None else f"{sample.phase} {sample.wave}"


def _find_unreached(waves: Iterable[Wave]) -> Iterator[RunWarning]:
    """Find waves that did not come to what they were to: of each kind the first, and how many more there are."""
    found: dict[WarningCode, list[RunWarning]] = {}
    for wave in waves:
        for warning in _find_shortfall(wave):
            found.setdefault(warning.code, []).append(warning)
    for first, *more in found.values():
        yield warn(first.code, **first.values, **({"likewise": len(more)} if more else {}))


def is_failing(run: Run) -> bool:
    """Whether most of what the measured waves were to do has failed: more of them would fare no better."""
    measured = [wave for wave in run.waves if wave.phase in {"wave", "held"}]
    meant = sum(wave.events if wave.phase == "held" else wave.intended for wave in measured)
    return sum(wave.failures for wave in measured) > FAILING_SHARE * meant


def _find_shortfall(wave: Wave) -> Iterator[RunWarning]:
    name, error = f"{wave.phase} {wave.index}", find_commonest([wave])
    of, per = (wave.events, "event") if wave.phase == "held" else (wave.intended, "connection")
    if wave.opened < REACHED_SHARE * wave.intended:
        yield warn(WarningCode.NOT_REACHED, wave=name, opened=wave.opened, intended=wave.intended, error=error)
    elif wave.failures > FAILED_SHARE * of:
        yield warn(WarningCode.FAILURES, wave=name, failures=wave.failures, of=of, per=per, error=error)


def find_commonest(waves: list[Wave]) -> str:
    """Return the failure that was met most often; nothing where none was told."""
    errors: Counter[str] = Counter()
    for wave in waves:
        errors.update(wave.errors)
    return next((error for error, _ in errors.most_common(1)), "")


def _name_point(point: RestPoint) -> str:
    return point.phase if point.wave is None else f"{point.phase} {point.wave}"


def find_doubts(run: Run) -> Iterator[RunWarning]:
    """Yield what does not change the verdict, yet belongs beside it."""
    if run.end is not None and run.end.outcome == "interrupted":
        yield warn(WarningCode.INTERRUPTED)
    yield from _find_unreached(wave for wave in run.waves if wave.phase == "warmup")
    points = rest_points(run)
    unsettled = [point for point in points if not point.is_settled and point.phase != "baseline"]
    if unsettled:
        yield warn(WarningCode.UNSETTLED, of=len(points), points=[_name_point(point) for point in unsettled])
    yield from _find_idle_processes(run)


def _find_idle_processes(run: Run) -> Iterator[RunWarning]:
    """Find workers that no client ever reached: the verdict is on the others."""
    most = dict.fromkeys(judged_pids(rest_points(run)), 0.0)
    for sample in run.samples:
        if sample.pid in most:
            most[sample.pid] = max(most[sample.pid], sample.metrics.get(CLIENTS_METRIC, 0.0))
    idle = [pid for pid, clients in most.items() if not clients]
    if 0 < len(idle) < len(most):
        yield warn(WarningCode.IDLE_PROCESSES, pids=[*idle])
