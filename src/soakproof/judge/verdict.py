"""The judgement of a run and of its metrics: codes and numbers. ``verdict.json`` has sentences beside them."""

from __future__ import annotations

from typing import Literal

import msgspec

from soakproof.culprits import Culprit, Memory, Site
from soakproof.judge.codes import Doubt, RelationKind, Rule
from soakproof.metrickinds import Kind
from soakproof.samples import Per
from soakproof.warningcodes import RunWarning

MetricVerdict = Literal["bounded", "leak", "inconclusive"]
RunVerdict = Literal["bounded", "leak", "inconclusive", "invalid"]

EXIT_CODES: dict[RunVerdict, int] = {"bounded": 0, "leak": 1, "inconclusive": 3, "invalid": 4}


class Relation(msgspec.Struct, kw_only=True, frozen=True):
    """Which finding, by its metric, another one follows from, and how."""

    kind: RelationKind
    metric: str


class Emptying(msgspec.Struct, kw_only=True, frozen=True):
    """When a container emptied as the target's clock leapt, by that clock, in seconds after the load's end.

    It still held most of its entries at ``after_s``, and was empty at ``by_s``. At ``rate`` connections per second it
    ``holds_at_most`` so many (Little's law), None where no rate is known. ``by`` is whose code took the entries out, a
    task, thread, handler or callback, and ``sites`` its lines; empty where no line of the application's did.
    """

    after_s: float
    by_s: float
    rate: float | None = None
    holds_at_most: float | None = None
    by: str = ""
    sites: list[Site] = []


class Finding(msgspec.Struct, kw_only=True):
    """The judgement of one metric.

    ``per_connection`` is the Theil-Sen slope, ``ci`` its interval at ``confidence``, in ``unit`` per connection (per
    event in held waves); both are 0 where there were too few points to fit. ``bound`` is the most that the metric may
    hold, where one is known. ``by_process`` is the last fitted reading of each pid, where several processes serve.
    ``is_deciding`` says whether the run's verdict waits for it: bytes that a short run leaves
    undecided do not.

    ``rule`` is what decided, and ``values`` the numbers that it looked at besides those that stand here already; what
    they are called, `soakproof.judge.codes.EXPLANATIONS` says. ``overruled`` is the rule that had found a leak, where
    ``rule`` took that back. ``doubt`` is what leaves an undecided finding open, ``memory`` the kind of memory that
    leaks where no count does. ``emptying`` is when it emptied as the target's clock leapt, ``still_s`` after how many
    seconds by that clock what had not was still there. ``share`` is how much of the growth a cause explains (0 to 1),
    None where nobody looked. The sentence is `soakproof.wording.say_reason`'s.
    """

    metric: str
    kind: Kind
    name: str
    verdict: MetricVerdict
    per_connection: float
    ci: tuple[float, float]
    confidence: float
    margin: float
    unit: str
    first: float
    last: float
    peak: float
    by_process: dict[int, float] = {}
    bound: float | None = None
    lingers_s: float | None = None
    emptying: Emptying | None = None
    still_s: float | None = None
    per: Per = "connection"
    rule: Rule
    values: dict[str, float] = {}
    overruled: Rule | None = None
    doubt: Doubt | None = None
    memory: Memory | None = None
    relation: Relation | None = None
    is_deciding: bool = True
    waves_to_decide: int | None = None
    share: float | None = None
    consequences: list[str] = []
    culprit: Culprit | None = None


def is_cause(finding: Finding) -> bool:
    """Whether it is a leak that explains others, and is explained by none."""
    return finding.verdict == "leak" and finding.is_deciding


def is_open(finding: Finding) -> bool:
    """Whether the run's verdict still waits for it."""
    return finding.verdict == "inconclusive" and finding.is_deciding


def overrule(leak: Finding, rule: Rule) -> Finding:
    """Return a leak left open by a rule, with the one that had found it."""
    return msgspec.structs.replace(leak, verdict="inconclusive", rule=rule, overruled=leak.overruled or leak.rule)


def has_lingered(finding: Finding) -> bool:
    """Whether it is bounded by what the drain left of it, which was less than what was there."""
    return finding.verdict == "bounded" and (finding.lingers_s is not None or finding.rule == Rule.DRAINED_AGAIN)


class MemoryGrowth(msgspec.Struct, kw_only=True, frozen=True):
    """Bytes that a leak keeps per connection (per event, when clients are held), where they surely are more than none.

    ``metric`` is the memory of which the growth was taken, or ``traced``: what the second pass saw allocated and kept.
    Intervals are at ``confidence``. Connections are how many more fill the limit, from where the run ended: None is
    never, or that no limit is known.
    """

    metric: str
    bytes_per_connection: float
    bytes_per_connection_ci: tuple[float, float]
    confidence: float
    limit_bytes: int | None = None
    limit_source: Literal["cgroup", "machine"] | None = None
    connections_to_limit: float | None = None
    connections_to_limit_ci: tuple[float | None, float | None] = (None, None)


class Extrapolation(msgspec.Struct, kw_only=True):
    """What a leak comes to at a rate of connections per second (of events, when clients are held) that was given.

    ``metric``, the intervals and the limit are those of `MemoryGrowth`. Hours are until the limit is full, from where
    the run ended. Runs judged by earlier versions have one at the rate of the soak too, which ``is_given`` tells apart.
    """

    rate: float
    is_given: bool
    metric: str
    bytes_per_day: float
    bytes_per_day_ci: tuple[float, float]
    confidence: float
    limit_bytes: int | None = None
    limit_source: Literal["cgroup", "machine"] | None = None
    hours_to_limit: float | None = None
    hours_to_limit_ci: tuple[float | None, float | None] = (None, None)


class Resolution(msgspec.Struct, kw_only=True):
    """How finely a bounded run looked: per connection (or event) nothing grows by more than this.

    ``entries`` is of containers, tasks, threads, descriptors and child processes; ``bytes`` of memory in use, None
    where it could not be told.
    """

    entries: float
    bytes: float | None = None


class Strain(msgspec.Struct, kw_only=True, frozen=True):
    """What the server's memory came to while clients strained it, in the wave in which that was most.

    ``clients`` of them at once, for so many ``seconds``; the processes together had ``bytes_before`` just before, with
    all clients connected, and ``bytes_more`` at most meanwhile. ``is_rising`` where they still gained at the end.
    """

    wave: int
    clients: int
    seconds: float
    bytes_before: float
    bytes_more: float
    is_rising: bool


class MemoryAccount(msgspec.Struct, kw_only=True, frozen=True):
    """Where the memory of the processes lay, all together, at the first and the last judged rest point, in bytes.

    ``first`` and ``last`` have the parts that add up to RSS as it is before free memory is given back:
    ``python_in_use`` and ``python_free`` (arenas of Python's allocator), ``heap_in_use`` and ``heap_free`` (heaps of
    malloc), ``mapped`` (what malloc maps one by one), ``stacks`` (of threads), ``files``, ``shared`` and ``other``.
    ``arenas`` and ``thread_stacks`` are how many there were in the end. ``trimmed`` is the most that giving back free
    memory gave at a rest point, ``garbage`` the most that a collection found waiting, ``garbage_objects`` how many.
    ``keeper`` is who has most of what RSS rose by where neither Python nor C has it in use.
    """

    first: dict[str, float]
    last: dict[str, float]
    arenas: int
    thread_stacks: int
    trimmed: float
    garbage: float
    garbage_objects: int
    keeper: Literal["allocator", "collector"] | None = None


class LoadSummary(msgspec.Struct, kw_only=True):
    """What the load generator achieved, and what it took.

    Connections per second, failures, CPU milliseconds per connection; and in the wave in which each was highest, the
    share of a core that a process of it used, its lateness (99th percentile), its memory and its open files.
    """

    rate_achieved: float
    rate_intended: float
    failures: int
    cpu_ms_per_connection: float
    latency_s: dict[str, float] = {}
    cpu_share: float = 0.0
    late_s: float = 0.0
    rss_bytes: int = 0
    fds: int = 0


class TargetSummary(msgspec.Struct, kw_only=True):
    """What was under test."""

    command: list[str]
    python: str
    versions: dict[str, str]
    pids: list[int]


class Verdict(msgspec.Struct, kw_only=True):
    """The judgement of a run; findings ordered leak first, likeliest cause on top.

    ``obstacle`` is why nothing can be judged, where that is the verdict; ``explained`` is how much of the growth all
    causes explain together (0 to 1), where the second pass has told. The sentence on the run is
    `soakproof.wording.say_verdict_reason`'s; ``verdict.json`` has it as ``reason``.
    """

    schema: int = 1
    verdict: RunVerdict
    exit_code: int
    obstacle: RunWarning | None = None
    connections: int
    peak_clients: int
    duration_s: float
    seed: int
    drops: dict[str, int]
    findings: list[Finding]
    load: LoadSummary
    target: TargetSummary
    warnings: list[RunWarning]
    growth_by_line: list[Site] = []
    memory_growth: MemoryGrowth | None = None
    extrapolations: list[Extrapolation] = []
    resolution: Resolution | None = None
    explained: float | None = None
    strain: Strain | None = None
    account: MemoryAccount | None = None
