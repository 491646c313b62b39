"""What the reader of a report should know besides the verdict: a code with its values, found by harness or judge.

The harness writes them into ``run.jsonl``, the judge adds its own; `soakproof.wording.warned` has the sentence of each.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class WarningCode(StrEnum):
    """What is warned of."""

    TEXT = "text"
    PRESET = "preset"
    PATH_FOUND = "path-found"
    PING_SHORTENED = "ping-shortened"
    PING_KEPT = "ping-kept"
    MEMORY_READ_INSIDE = "memory-read-inside"
    PYTHON = "python"
    HEAP_NOT_READ = "heap-not-read"
    HEAP_NOT_TOLD = "heap-not-told"
    TOO_LITTLE = "too-little"
    CANNOT_DECIDE = "cannot-decide"
    EXTENDED = "extended"
    NO_CONNECTION = "no-connection"
    NOTHING_RAN = "nothing-ran"
    NO_REST_POINT = "no-rest-point"
    NOTHING_COUNTED = "nothing-counted"
    NO_PROCESS_MEMORY = "no-process-memory"
    PROCESSES_CHANGED = "processes-changed"
    NOT_A_NUMBER = "not-a-number"
    NO_END = "no-end"
    ENDED_EARLY = "ended-early"
    TOO_FEW_WAVES = "too-few-waves"
    NO_REST_AFTER_WAVE = "no-rest-after-wave"
    NOT_REACHED = "not-reached"
    FAILURES = "failures"
    INTERRUPTED = "interrupted"
    UNSETTLED = "unsettled"
    IDLE_PROCESSES = "idle-processes"
    GENERATOR_BUSY = "generator-busy"
    GENERATOR_LATE = "generator-late"
    STILL_FILLING = "still-filling"
    CACHE_FILLING = "cache-filling"
    BOUND_UNUSED = "bound-unused"
    SERVER_ERRORS = "server-errors"
    SETTLING_LENGTHENED = "settling-lengthened"
    UNREADABLE = "unreadable"
    NOT_TRACED = "not-traced"
    NO_ROOM = "no-room"
    STOOD_STILL = "stood-still"
    CLOCK_RUNS_FAST = "clock-runs-fast"
    CLOCK_NOT_MOVED = "clock-not-moved"
    LEAP_BROKE = "leap-broke"


EXPLANATIONS: dict[WarningCode, str] = {
    WarningCode.TEXT: "A note of the user's own (`--note`), or of a run stored before warnings had codes.",
    WarningCode.PRESET: "Clients do what the preset of a framework says, which was found by the target's imports.",
    WarningCode.PATH_FOUND: "Clients connect at the only path that the application's routes have for them.",
    WarningCode.PING_SHORTENED: "The target's ping interval and timeout are not its own.",
    WarningCode.PING_KEPT: "The target's own, long ping interval makes each rest point wait.",
    WarningCode.MEMORY_READ_INSIDE: "Processes of another host or container read their memory themselves.",
    WarningCode.PYTHON: "The release of Python that the target runs on limits the readings.",
    WarningCode.HEAP_NOT_READ: "What reading the C heap needs would have stayed in the process, and was left out.",
    WarningCode.HEAP_NOT_TOLD: "The allocator in malloc's place does not say what is in use.",
    WarningCode.TOO_LITTLE: "The machine has too little of something for the clients asked for.",
    WarningCode.CANNOT_DECIDE: "The options of the run are too small to prove anything bounded, whatever it finds.",
    WarningCode.EXTENDED: "The planned waves left a finding open, and more were run.",
    WarningCode.NO_CONNECTION: "No client connected.",
    WarningCode.NOTHING_RAN: "No line of the application ran: what was soaked is the library alone.",
    WarningCode.NO_REST_POINT: "The agent was never read at rest.",
    WarningCode.NOTHING_COUNTED: "Not even the target's objects were counted.",
    WarningCode.NO_PROCESS_MEMORY: "The memory of the process was never read.",
    WarningCode.PROCESSES_CHANGED: "Workers came or went between judged rest points.",
    WarningCode.NOT_A_NUMBER: "A reading is infinite, or no number.",
    WarningCode.NO_END: "The run has no last line.",
    WarningCode.ENDED_EARLY: "The target, the load generator or the agent ended before the run did.",
    WarningCode.TOO_FEW_WAVES: "Fewer waves were run than planned.",
    WarningCode.NO_REST_AFTER_WAVE: "The target did not answer after a wave.",
    WarningCode.NOT_REACHED: "A wave made fewer connections than it was to.",
    WarningCode.FAILURES: "Too many connections or events of a wave failed.",
    WarningCode.INTERRUPTED: "The user ended the run; what was finished is judged.",
    WarningCode.UNSETTLED: "Rest points that did not settle are not judged.",
    WarningCode.IDLE_PROCESSES: "Workers that no client reached: nothing is known of them.",
    WarningCode.GENERATOR_BUSY: "The load generator used nearly all of its cores.",
    WarningCode.GENERATOR_LATE: "The load generator started clients late.",
    WarningCode.CACHE_FILLING: "A library's cache still fills, up to its own bound, and was not counted as in use.",
    WarningCode.STILL_FILLING: "A bounded container still fills, and what is kept in it was not judged.",
    WarningCode.BOUND_UNUSED: "A bound was declared of a name that no metric of the run has.",
    WarningCode.SERVER_ERRORS: "The server's log shows many exceptions, or any where not all is bounded.",
    WarningCode.SETTLING_LENGTHENED: "A container empties some seconds after its clients have left, and is waited for.",
    WarningCode.UNREADABLE: "Odd objects of the target were skipped by the censuses.",
    WarningCode.STOOD_STILL: "The target answered no question for seconds: it was stopped, or let no other thread run.",
    WarningCode.CLOCK_RUNS_FAST: "The target's clock runs many times as fast as all others.",
    WarningCode.CLOCK_NOT_MOVED: "libfaketime is missing, so that nothing is known of what empties with time.",
    WarningCode.LEAP_BROKE: "The server or its clients met errors as its clock leapt, which they had not met before.",
    WarningCode.NOT_TRACED: "Tracing allocations might have ended the target, and was left out.",
    WarningCode.NO_ROOM: "The target has no memory left to be looked through, so the second pass told less.",
}

Value = int | float | str | list[int | str]


class RunWarning(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One warning: its code, and the values that its sentence is made of; names carry units as suffixes."""

    code: WarningCode
    values: dict[str, Value] = {}


def warn(code: WarningCode, **values: Value) -> RunWarning:
    """Return a warning with its values."""
    return RunWarning(code=code, values=values)
