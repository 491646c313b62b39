"""A sentence per warning: what happened, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from soakproof.warningcodes import RunWarning, Value, WarningCode
from soakproof.wording.interpreters import caveat_of
from soakproof.wording.names import name_in_prose, name_metric
from soakproof.wording.numbers import say_age, say_bytes, say_seconds

SEE_TARGET = "see target.log"
ENDINGS = {
    "target-died": "the target died",
    "load-failed": "the load generator failed",
    "unreachable": "nobody could connect",
    "agent-lost": "the agent was lost",
}
MOMENTS = {
    "baseline": "before the first wave",
    "warmup": "in wave {number}, of the warm-up",
    "wave": "in wave {number}",
    "held": "in burst {number}",
    "steady": "in the steady phase",
    "drain": "in the drain",
    "again": "as the load came again after the drain",
    "trace": "in the second pass",
}
SENTENCES: dict[WarningCode, str] = {
    WarningCode.TEXT: "{text}",
    WarningCode.PRESET: "preset {name}: clients come as they do to {about} (--preset none leaves that out)",
    WarningCode.PATH_FOUND: "clients connect at {path}, the only endpoint that the application's routes have for them "
    "(--path names another)",
    WarningCode.PING_SHORTENED: "ping interval shortened from {own_interval_s:g} s to {interval_s:g} s, its timeout "
    "from {own_timeout_s:g} s to {timeout_s:g} s, so that waves settle (--keep-ping leaves them)",
    WarningCode.PING_KEPT: "the target keeps its ping interval of {interval_s:g} s, so each wave takes at least so "
    "long to settle (--ping 1 shortens it for the time of the run)",
    WarningCode.MEMORY_READ_INSIDE: "the process of pid {pids} runs on another host or in a container: it reads its "
    "memory itself",
    WarningCode.PYTHON: "the target: {caveat}",
    WarningCode.HEAP_NOT_READ: "the C heap of pid {pids} is not read, nor trimmed: that needs ctypes, which it has not "
    "loaded, and which would leave a descriptor open in it for good",
    WarningCode.HEAP_NOT_TOLD: "the allocator of pid {pids} is {malloc}, which does not say how much of its memory is "
    "in use: what C code keeps is judged by USS alone, more coarsely",
    WarningCode.TOO_LITTLE: "{clients:,} clients at once: {of}: {found}; {limits}; {remedy}",
    WarningCode.CANNOT_DECIDE: "this run cannot prove the server bounded: with all that it may add to itself it comes "
    "to {waves} waves, {of:,} {per}s, which tell no less than {least:.2g} entries per {per} from none, and the margin "
    "is {margin:g}. Enough are {option} {wanted_clients:,} --waves {with_waves}, or --waves {wanted_waves:,} as it is",
    WarningCode.EXTENDED: "undecided after {waves} waves; the run extends itself by {more}",
    WarningCode.NO_CONNECTION: "no connection was made{mostly}; see locust.log, and whether the url and the namespace "
    "are right",
    WarningCode.NOTHING_RAN: "no line of the application ran in {connections:,} connections; {remedy}",
    WarningCode.NO_REST_POINT: f"no rest point was read; the agent did not answer, {SEE_TARGET}",
    WarningCode.NOTHING_COUNTED: f"nothing was counted in the target; the agent took no census, {SEE_TARGET} and "
    "soakproof doctor",
    WarningCode.NO_PROCESS_MEMORY: "the memory of the process was never read; see soakproof doctor",
    WarningCode.PROCESSES_CHANGED: "processes changed before {before}: {gone} gone, {new} new; need the same workers "
    "throughout, so turn worker recycling off",
    WarningCode.NOT_A_NUMBER: "{metric} reads {value} at {t_s:.1f} s; need a number, so soak again",
    WarningCode.NO_END: "the run has no end: soakproof itself was cut short; soak again",
    WarningCode.ENDED_EARLY: f"{{ending}}{{when}}{{grown}}{{because}}; {SEE_TARGET} and locust.log",
    WarningCode.STOOD_STILL: "the target stood still for {seconds:.0f} s{when}: it was stopped, or kept all its "
    "threads from running; clients may have been lost by it",
    WarningCode.TOO_FEW_WAVES: "{waves} of {planned} waves were run; soak again",
    WarningCode.NO_REST_AFTER_WAVE: f"wave {{wave}} has no rest point; the target did not answer then, {SEE_TARGET}",
    WarningCode.NOT_REACHED: "{wave} reached {opened:,} of {intended:,} connections{mostly}{likewise}; {remedy}",
    WarningCode.FAILURES: "{wave}: {failures:,} failures in {of:,} {per}s{mostly}{likewise}; see locust.log",
    WarningCode.INTERRUPTED: "interrupted: judged on the waves that were finished",
    WarningCode.UNSETTLED: "{unsettled} of {of} rest points did not settle and were not judged: {points}",
    WarningCode.IDLE_PROCESSES: "process {pids}: no client was seen there, so nothing is known of it; raise --clients",
    WarningCode.GENERATOR_BUSY: "the load generator used {share:.0%} of a core in {waves} of {of} waves: it was the "
    "limit, not the target, and latencies are its own too. Add --workers {workers}",
    WarningCode.GENERATOR_LATE: "the load generator started clients up to {late_s:.1f} s late (99th percentile) in "
    "{waves} of {of} waves: it, or the machine, was too busy. Lower --open-rate or --rate, or add --workers 2",
    WarningCode.STILL_FILLING: "{name} is still filling ({held:,.0f} of {bound:,.0f} {unit}): what its entries keep "
    "grows with it, and was not judged; make it smaller for the soak, or the soak longer, and it will be",
    WarningCode.CACHE_FILLING: "{name} grew all through the run, to {held}, within the 2.0 MiB that a connection to a "
    "file has by default (PRAGMA cache_size), so they were not counted as in use; with a smaller cache_size, or in a "
    "longer soak, they will be full",
    WarningCode.BOUND_UNUSED: "the bound declared for {declared!r} was not used: nothing of that name was seen to "
    "change{hint}",
    WarningCode.SETTLING_LENGTHENED: "{name} was seen to fall after it had stood still for {stood_s:.1f} s, so waves "
    "are given longer than that to settle",
    WarningCode.SERVER_ERRORS: "the server's log shows {errors:,} exceptions in {of:,} {per}s; mostly {worst}{at}, "
    "{times:,} times: what those handlers did not come to was not soaked, and may be what is left behind; "
    f"{SEE_TARGET}",
    WarningCode.UNREADABLE: "{objects:,} {noun} could not be read: {kinds}; what they hold was not counted",
    WarningCode.CLOCK_RUNS_FAST: "the target's clock runs {speed:g} times as fast: its sleeps, timers and time-outs "
    "are over so much sooner, those of its database and its TLS too; ages in this report are by its clock",
    WarningCode.CLOCK_NOT_MOVED: "the target's clock was not moved, because libfaketime is missing: whether what grew "
    "empties by its age cannot be told ({install})",
    WarningCode.LEAP_BROKE: "as the target's clock leapt to {mark} after the load's end, it met what it had not met "
    "before: {errors}; what was to be emptied may have stayed for that reason, so a leak of it is left open",
    WarningCode.NOT_TRACED: "no line of pid {pids} was traced: other interpreters run in it, and tracemalloc of Python "
    "3.12 and 3.13 may end such a process (3.14 traces it)",
    WarningCode.NO_ROOM: "pid {pid} was not looked through for who keeps what grows, and which line makes it: {lacks}. "
    "Raise its memory limit to learn that",
}


def say_warning(warning: RunWarning) -> str:
    """Return the sentence, without a full stop."""
    return SENTENCES[warning.code].format(**_prepare(warning))


def _prepare(warning: RunWarning) -> dict[str, object]:
    """Return the values as the sentence wants them: lists as text, and what only some sentences have added."""
    lists: dict[str, object] = {name: _say_value(value) for name, value in warning.values.items()}
    more = MORE.get(warning.code)
    return lists | (more(warning.values) if more else {})


def _say_value(value: Value) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _say_changes(values: Mapping[str, Value]) -> dict[str, object]:
    return {name: str(values[name] or "none") for name in ("gone", "new")}


def _say_ending(values: Mapping[str, Value]) -> dict[str, object]:
    reason = values["reason"]
    because = f": {reason}" if reason else ""
    return {
        "ending": ENDINGS[str(values["outcome"])],
        "when": _say_when(values),
        "grown": _say_growth_until(values),
        "because": because,
    }


def _say_when(values: Mapping[str, Value]) -> str:
    """Say how far into the run it was, and in which phase."""
    phase, _, number = str(values.get("where", "")).partition(" ")
    t_s = values.get("t_s")
    if not isinstance(t_s, (int, float)) or phase not in MOMENTS:
        return ""
    return f" {MOMENTS[phase].format(number=number)}, {say_seconds(t_s)} into the run"


def _say_growth_until(values: Mapping[str, Value]) -> str:
    """Say what the memory of the target had become."""
    first, last = values.get("first_bytes"), values.get("last_bytes")
    if not isinstance(first, (int, float)) or not isinstance(last, (int, float)):
        return ""
    return f", at {say_bytes(last)} of RSS ({say_bytes(first)} at first, {values['connections']:,} connections before)"


def _say_mostly(values: Mapping[str, Value]) -> dict[str, object]:
    error = values.get("error")
    remedy = "see locust.log" if error else "lower --clients or --rate, or add --workers"
    more = values.get("likewise", 0)
    likewise = f", as in {more} more {'wave' if more == 1 else 'waves'}" if more else ""
    return {"mostly": f" (mostly: {error})" if error else "", "remedy": remedy, "likewise": likewise}


def _say_how_to_reach(values: Mapping[str, Value]) -> dict[str, object]:
    if events := _say_value(values["events"]):
        return {"remedy": f"have the clients call what it handles ({events}) with --join EVENT[=JSON]"}
    own = "have the clients do what its own do before and after they connect: Locust users of your own (-f FILE)"
    return {"remedy": own}


def _say_mark(values: Mapping[str, Value]) -> dict[str, object]:
    return {"mark": say_age(float(str(values["mark_s"])))}


def _say_caveat(values: Mapping[str, Value]) -> dict[str, object]:
    return {"caveat": caveat_of(str(values["version"]))}


def _count_points(values: Mapping[str, Value]) -> dict[str, object]:
    points = values["points"]
    return {"unsettled": len(points) if isinstance(points, list) else 0}


def _say_name(values: Mapping[str, Value]) -> dict[str, object]:
    return {"name": name_in_prose(str(values["metric"]))}


def _say_cache(values: Mapping[str, Value]) -> dict[str, object]:
    return {"name": name_metric(str(values["metric"])), "held": say_bytes(float(str(values["held"])))}


def _say_place(values: Mapping[str, Value]) -> dict[str, object]:
    return {"at": f", raised at {values['place']}" if values["place"] else ""}


def _say_nearest(values: Mapping[str, Value]) -> dict[str, object]:
    return {"hint": f"; did you mean {values['nearest']!r}?" if values["nearest"] else ""}


def _count_objects(values: Mapping[str, Value]) -> dict[str, object]:
    return {"noun": "object" if values["objects"] == 1 else "objects"}


MORE: dict[WarningCode, Callable[[Mapping[str, Value]], dict[str, object]]] = {
    WarningCode.PROCESSES_CHANGED: _say_changes,
    WarningCode.ENDED_EARLY: _say_ending,
    WarningCode.STOOD_STILL: lambda values: {"when": _say_when(values)},
    WarningCode.NO_CONNECTION: _say_mostly,
    WarningCode.NOT_REACHED: _say_mostly,
    WarningCode.FAILURES: _say_mostly,
    WarningCode.NOTHING_RAN: _say_how_to_reach,
    WarningCode.UNREADABLE: _count_objects,
    WarningCode.PYTHON: _say_caveat,
    WarningCode.UNSETTLED: _count_points,
    WarningCode.STILL_FILLING: _say_name,
    WarningCode.CACHE_FILLING: _say_cache,
    WarningCode.BOUND_UNUSED: _say_nearest,
    WarningCode.SETTLING_LENGTHENED: _say_name,
    WarningCode.SERVER_ERRORS: _say_place,
    WarningCode.LEAP_BROKE: _say_mark,
}
