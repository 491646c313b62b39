"""The records of ``run.jsonl``: the only thing that passes between measuring and judging.

One JSON object a line, told apart by ``"record"``. The header is the first line and the end the last; a run without an
end was cut short, and is invalid. Units are suffixes; a metric's unit follows from its kind (`soakproof.metrickinds`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from soakproof.culprits import Culprit, Frame, KeptStack, Origin, Site, TypeCount
from soakproof.plans import Bound, Plan, Rules, TargetInfo
from soakproof.warningcodes import RunWarning, Value, WarningCode

SCHEMA = 1

Phase = Literal["baseline", "warmup", "wave", "steady", "drain", "again", "held", "trace"]
Per = Literal["connection", "event"]
Outcome = Literal["completed", "interrupted", "target-died", "load-failed", "unreachable", "agent-lost"]


class Record(msgspec.Struct, tag_field="record", kw_only=True, omit_defaults=True):
    """Base of the lines of ``run.jsonl``."""


class Header(Record, tag="header", kw_only=True):
    """The first line: what was run, and how it is to be judged.

    ``options`` are those that differed from the defaults, to make the run again; of a secret only that there was one
    (null). Runs of before they were stored have none. ``commit`` is that of the repository it was started in, or CI's.
    """

    schema: int = SCHEMA
    soakproof: str
    started_at: str
    seed: Annotated[int, msgspec.Meta(ge=0)]
    target: TargetInfo
    plan: Plan
    rules: Rules = Rules()
    options: dict[str, Any] | None = None
    commit: str | None = None


class Metric(Record, tag="metric", kw_only=True):
    """Said once by each process of each metric that needs saying: who owns it, and what bounds it.

    A census reports a container or a type from the first time on which its size differs from the first census of the
    run, and ever after. ``reference`` is its size in the first census of process ``pid``: its value there at all rest
    points before. Older stored runs name no process, and their reference stands for all. ``within`` is the owner of the
    container that keeps the objects whose part this one is. ``containers`` is how many stood under the owner path then.
    """

    metric: str
    pid: int | None = None
    reference: float = 0.0
    owner: str | None = None
    origin: Origin = "application"
    container_type: str | None = None
    containers: int = 1
    package: str | None = None
    within: str | None = None
    bound: Bound | None = None


class Sample(Record, tag="sample", kw_only=True):
    """One reading of one process.

    A ``tick`` carries counters and RSS and is taken while the load runs; a ``rest`` carries a whole census and is taken
    at a rest point. ``connections`` and ``events`` are cumulative over the run, ``clients`` is how many are open now,
    ``straining`` how many of them strain the server while they leave (`soakproof.load.drops.mode`).
    A metric that is absent from a rest sample, and was present in an earlier one of the same process, counts as 0 for
    counts of things (it has no entries left) and as missing for bytes. ``never_again`` has, by the name of a coroutine
    of which several tasks wait, how many of how many that were looked at will never run again. ``account`` is where the
    process' memory lay at a rest point, in bytes, before free memory was given back (`soakproof.judge.account`), and
    ``cpu_s`` the CPU time that the process had used until then (0 where it runs elsewhere). ``ahead_s`` is by how much
    the target's clock was ahead of the harness', where it was moved.
    """

    t_s: float
    kind: Literal["tick", "rest"]
    phase: Phase
    wave: int | None = None
    pid: int
    connections: int
    events: int = 0
    clients: int = 0
    straining: int = 0
    is_settled: bool = False
    late_s: float = 0.0
    pause_s: float = 0.0
    metrics: dict[str, float]
    never_again: dict[str, tuple[int, int]] = {}
    account: dict[str, float] = {}
    cpu_s: float = 0.0
    ahead_s: float = 0.0


class Tally(msgspec.Struct, kw_only=True):
    """What became of an order to the load generator. Counts are exact.

    ``intended`` and ``opened`` count connections: a client that drops and reconnects (mode ``storm``) counts twice in
    both. ``latency_s`` holds p50, p95, p99 and max of connecting, in seconds from the intended time; ``late_s`` is by
    how much the generator itself was late to start clients, 99th percentile; ``cpu_s`` the CPU time of its processes,
    of which there were ``generator_processes``, with so much memory and so many open files while all clients were in.
    """

    intended: int
    opened: int
    dropped: dict[str, int]
    failures: int = 0
    events: int = 0
    peak_clients: int
    rate_intended: float
    rate_achieved: float
    cpu_s: float = 0.0
    late_s: float = 0.0
    latency_s: dict[str, float] = {}
    errors: dict[str, int] = {}
    generator_rss_bytes: int = 0
    generator_fds: int = 0
    generator_processes: int = 1


class Wave(Record, Tally, tag="wave", kw_only=True):
    """What the load generator did in one wave, steady phase or burst: its tally, and when that was."""

    index: int
    phase: Phase
    t_start_s: float
    t_end_s: float
    ahead_s: float = 0.0


class Leap(Record, tag="leap", kw_only=True):
    """The target's clock was moved in the drain, to ``mark_s`` after the load's end by its own time.

    What the pulse of clients after it met: ``failures``, and ``errors`` that the server logged since the leap before.
    """

    t_s: float
    mark_s: float
    ahead_s: float
    failures: int = 0
    errors: dict[str, int] = {}


class Emptied(Record, tag="emptied", kw_only=True):
    """Who took entries out of a container while the target's clock leapt: a task, thread, or handler, and its lines."""

    owner: str
    by: str
    sites: list[Site] = []


class Settle(Record, tag="settle", kw_only=True):
    """How the wait for a rest point ended; ``remaining`` is what had not come back when it did."""

    wave: int | None
    phase: Phase
    t_s: float
    waited_s: float
    is_settled: bool
    remaining: dict[str, float] = {}


class Diagnosis(Record, tag="diagnosis", kw_only=True):
    """What the second pass found out about one metric."""

    metric: str
    culprit: Culprit


class Lines(Record, tag="lines", kw_only=True):
    """Growth per allocation site over the traced waves, largest first, whatever the verdict.

    ``stacks`` are those by which the lines were reached, as far down as they were traced; their places are of
    ``frames``. Runs of before stacks were stored have none.
    """

    connections: int
    sites: list[Site]
    frames: list[Frame] = []
    stacks: list[KeptStack] = []


class Share(msgspec.Struct, kw_only=True):
    """What came beneath one older object over the last traced wave, and stayed: bytes and objects per connection.

    ``owner`` is the owner path of a container, ``task:`` and the name of a coroutine, or a few words on what else it
    is; empty where no root leads there.
    """

    owner: str
    per_connection_bytes: float
    per_connection: float
    types: list[TypeCount] = []


class Shares(Record, tag="shares", kw_only=True):
    """To whom everything belongs that came over the last traced wave, and stayed; the most bytes first."""

    connections: int
    shares: list[Share]


class Executed(Record, tag="executed", kw_only=True):
    """What of the application has run while clients came and went.

    ``functions`` it has, of which ``ran`` did (0 of 0 where the target's Python does not show it), and the Socket.IO
    ``events`` for which it has handlers.
    """

    functions: int
    ran: int
    events: list[str] = []


class Warned(Record, tag="warning", kw_only=True):
    """Something the reader of the report should know; ``message`` is all that runs stored before codes have."""

    t_s: float
    code: WarningCode = WarningCode.TEXT
    values: dict[str, Value] = {}
    message: str = ""


class End(Record, tag="end", kw_only=True):
    """The last line. Anything but ``completed`` makes a run invalid; ``interrupted`` may be judged all the same."""

    t_s: float
    outcome: Outcome
    reason: str = ""


AnyRecord = (
    Header | Metric | Sample | Wave | Settle | Diagnosis | Lines | Shares | Executed | Warned | Leap | Emptied | End
)


class Run(msgspec.Struct, kw_only=True):
    """A whole run, as the judge and the reports see it; lists in the order of writing.

    ``metrics`` has what was first said of each metric, ``references`` its size in the first census of each process that
    said it, by metric and pid. ``is_under_way`` while more is to come, and no end is missing.
    """

    header: Header
    metrics: dict[str, Metric] = {}
    references: dict[tuple[str, int], float] = {}
    samples: list[Sample] = []
    waves: list[Wave] = []
    settles: list[Settle] = []
    diagnoses: dict[str, Diagnosis] = {}
    lines: Lines | None = None
    shares: Shares | None = None
    executed: Executed | None = None
    warnings: list[RunWarning] = []
    leaps: list[Leap] = []
    emptied: dict[str, Emptied] = {}
    end: End | None = None
    is_under_way: bool = False

    def reference(self, metric: str, pid: int) -> float:
        """Return what the first census of a process counted of a metric that it reported later."""
        info = self.metrics.get(metric)
        of_all = info.reference if info and info.pid is None else 0.0
        return self.references.get((metric, pid), of_all)
