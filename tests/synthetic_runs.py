"""Runs that never ran: whole `Run` objects with the shape and the noise of real ones, seeded.

``make_run("leak")`` is a soak of the reference server as the conductor would have written it. A `Draft` holds the value
of every metric at every rest point; a kind of run is one small function that spoils a healthy draft. Tests of the judge
that want one series only use `feed`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from soakproof.samples import (
    Bound,
    Culprit,
    Diagnosis,
    End,
    Header,
    Lines,
    Metric,
    Phase,
    Plan,
    Run,
    Sample,
    Settle,
    Site,
    TargetInfo,
    TypeCount,
    Wave,
)

LOCKS = "registry:server.documents.locks"
STATES = "registry:server.documents.states"
BROADCASTS = "registry:server.progress.broadcast_times"
SESSIONS = "registry:server.chat.sessions"
SOCKETS = "library:eio.sockets"
PING_TASKS = "task:AsyncSocket._send_ping"
PID = 4242
RATE = 100.0
STEADY_S = 20.0
PING_S = 2.0
MIB = 2.0**20

# metric: (level at rest, noise at rest, added by each open client, is a counter that ticks carry)
HEALTHY: dict[str, tuple[float, float, float, bool]] = {
    BROADCASTS: (0, 0, 1.0, True),
    STATES: (0, 0, 0.5, True),
    LOCKS: (0, 0, 1.0, True),
    SESSIONS: (0, 0, 0.2, True),
    SOCKETS: (0, 0, 1.0, True),
    "library:manager.rooms": (0, 0, 3.0, True),
    "library:manager.eio_to_sid": (0, 0, 1.0, True),
    "library:manager.callbacks": (0, 0, 0.0, True),
    "library:manager.pending_disconnect": (0, 0, 0.0, True),
    "library:environ": (0, 0, 1.0, True),
    "library:_binary_packet": (0, 0, 0.0, True),
    "container:server.audit:AuditTrail.records": (200, 0, 0.0, False),
    "task:total": (4, 0, 2.0, True),
    PING_TASKS: (0, 0, 1.0, False),
    "thread:total": (2, 0, 0.0, True),
    "fd:total": (14, 0, 1.0, False),
    "type:server.documents.Lock": (0, 0, 1.0, False),
    "type:engineio.async_socket.AsyncSocket": (0, 0, 1.0, False),
    "type:builtins.dict": (9_800, 3, 12.0, False),
    "type:builtins.str": (21_000, 4, 30.0, False),
    "heap:objects": (52_000, 8, 90.0, False),
    "heap:blocks": (148_000, 20, 210.0, False),
    "heap:in_use_bytes": (18.0 * MIB, 24_000, 21_000.0, False),
    "process:rss": (78.0 * MIB, 60_000, 26_000.0, True),
    "process:uss": (61.0 * MIB, 60_000, 26_000.0, False),
}


@dataclass
class Stage:
    """One stretch of the run that ends in a rest point."""

    phase: Phase
    wave: int | None
    opened: int
    start_s: float
    end_s: float
    rest_s: float
    peak_clients: int


@dataclass
class Draft:
    """A run before it is written down; ``rest`` has one value per metric and stage."""

    stages: list[Stage]
    rng: np.random.Generator
    connections: np.ndarray
    rest: dict[str, np.ndarray]
    per_client: dict[str, float]
    ticking: set[str]
    infos: dict[str, Metric] = field(default_factory=dict)
    linger_s: dict[str, float] = field(default_factory=dict)
    unsettled: set[int] = field(default_factory=set)
    diagnoses: dict[str, Diagnosis] = field(default_factory=dict)
    outcome: str | None = "completed"

    def grow(self, metric: str, per_connection: float) -> None:
        """Let a metric gain so much per connection, from the first connection on."""
        self.rest[metric] = self.rest[metric] + np.round(per_connection * self.connections)

    def index(self, phase: Phase) -> int:
        """Return the place of the last stage of a phase."""
        return max(at for at, stage in enumerate(self.stages) if stage.phase == phase)


def make_run(kind: str = "bounded", waves: int = 10, clients: int = 600, seed: int = 7) -> Run:
    """Return a soak of the reference server; ``kind`` is a key of `SPOILERS`."""
    draft = _healthy(waves, clients, seed)
    SPOILERS[kind](draft)
    return _write(draft, waves, clients, seed)


def feed(series: dict[str, list[float]], clients: int = 600, seed: int = 7, infos: list[Metric] | None = None) -> Run:
    """Return a healthy run in which the given metrics have the given values at the judged rest points.

    The first value belongs to the last warm-up wave, from which the measured ones start; the rest to the waves. Steady
    phase and drain keep the last value.
    """
    draft = _healthy(len(next(iter(series.values()))) - 1, clients, seed)
    for metric, values in series.items():
        draft.rest[metric] = np.array([values[0]] * 2 + values + [values[-1]] * 2, dtype=float)
        draft.per_client.setdefault(metric, 0.0)
    draft.infos |= {info.metric: info for info in infos or []}
    return _write(draft, len(draft.stages) - 5, clients, seed)


def _healthy(waves: int, clients: int, seed: int) -> Draft:
    stages = _stages(waves, clients)
    rng = np.random.default_rng(seed)
    rest = {m: level + rng.normal(0, 1, len(stages)).round(2) * noise for m, (level, noise, _, _) in HEALTHY.items()}
    for metric in ("heap:in_use_bytes", "process:rss", "process:uss"):  # the allocator's high-water mark, paid early
        rest[metric] = rest[metric].round() - 9.3 * MIB * (np.arange(len(stages)) == 0)
    return Draft(
        stages=stages,
        rng=rng,
        connections=np.cumsum([stage.opened for stage in stages]),
        rest=rest,
        per_client={metric: added for metric, (_, _, added, _) in HEALTHY.items()},
        ticking={metric for metric, (_, _, _, is_ticking) in HEALTHY.items() if is_ticking},
        infos={m: Metric(metric=m, owner=_owner(m), origin=_origin(m)) for m in HEALTHY},
    )


def _owner(metric: str) -> str:
    name = metric.partition(":")[2]
    return ":".join(name.rsplit(".", 1)) if metric.startswith("registry") else name


def _origin(metric: str) -> str:
    return "library" if metric.startswith(("library", "task:AsyncSocket", "type:engineio")) else "application"


def _stages(waves: int, clients: int) -> list[Stage]:
    phases: list[tuple[Phase, int | None, int, float]] = [("baseline", None, 0, 0.0)]
    phases += [("warmup", wave, clients, clients / 250) for wave in range(2)]
    phases += [("wave", wave, clients, clients / 250) for wave in range(2, waves + 2)]
    phases += [("steady", waves + 2, int(RATE * STEADY_S), STEADY_S), ("drain", None, 0, 0.0)]
    stages, now = [], 1.0
    for phase, wave, opened, seconds in phases:
        settled = now + seconds + (6.0 if phase == "drain" else PING_S + 0.4)
        peak = {"steady": 80, "baseline": 0, "drain": 0}.get(phase, clients)
        stages.append(Stage(phase, wave, opened, now, now + seconds, settled, peak))
        now = settled + 0.1
    return stages


def _leak(draft: Draft) -> None:
    """One lock stays for each connection, with its object, its blocks and its bytes; the second pass explains it."""
    _keep_locks(draft, 1.0)
    site = Site(
        file="server/documents.py",
        line=88,
        function="lock_document",
        per_connection_bytes=212.0,
        per_connection=1.0,
        role="fills",
        source="self.locks[document_id] = Lock(user_id, expires_at, sid)",
    )
    culprit = Culprit(
        owner="server.documents:locks",
        retainers=["module server.documents", "server.documents:locks (dict)", "server.documents.Lock"],
        types=[TypeCount(name="server.documents.Lock", per_connection=1.0)],
        sites=[site],
        trigger="close",
    )
    draft.diagnoses[LOCKS] = Diagnosis(metric=LOCKS, culprit=culprit)


def _keep_locks(draft: Draft, rate: float) -> None:
    consequences = {LOCKS: 1, "type:server.documents.Lock": 1, "type:builtins.str": 2, "heap:objects": 1}
    for metric, times in (consequences | {"heap:blocks": 4, "heap:in_use_bytes": 300, "process:uss": 300}).items():
        draft.grow(metric, rate * times)


def _rare(draft: Draft) -> None:
    """One connection in a hundred leaves its lock, by chance."""
    left = np.cumsum(draft.rng.poisson([0.01 * stage.opened for stage in draft.stages])).astype(float)
    for metric in (LOCKS, "type:server.documents.Lock"):
        draft.rest[metric] = draft.rest[metric] + left


def _ttl(draft: Draft) -> None:
    """Chat sessions are kept for a declared 3 s: some are left at each rest point, none after the drain."""
    draft.rest[SESSIONS] = np.array([0.2 * min(stage.opened, 250) * (stage.opened > 0) for stage in draft.stages])
    draft.infos[SESSIONS].bound = Bound(ttl_s=3.0)
    draft.linger_s[SESSIONS] = 3.0


def _lingering(draft: Draft) -> None:
    """Ping tasks outlive their clients by more than the whole run: they grow wave by wave and go in the drain."""
    for metric in (PING_TASKS, "task:total"):
        draft.grow(metric, 1.0)
        draft.linger_s[metric] = 5.0
        draft.rest[metric][-1] = HEALTHY[metric][0]
    draft.ticking.add(PING_TASKS)


def _native(draft: Draft) -> None:
    """Memory that Python does not see: a kilobyte a connection, every count flat."""
    draft.grow("process:uss", 1024.0)
    draft.grow("process:rss", 1024.0)


def _inconclusive(draft: Draft) -> None:
    """States gained at the margin itself, by chance: neither test can reject."""
    at_margin = [0.005 * stage.opened + (3, -3)[at % 2] * (stage.opened > 0) for at, stage in enumerate(draft.stages)]
    draft.rest[STATES] = np.cumsum(np.round(at_margin)).clip(0)


def _high_water(draft: Draft) -> None:
    """RSS stays where the peak left it, while objects and blocks are back."""
    draft.rest["process:rss"] += 40 * MIB * (np.arange(len(draft.stages)) > 0)


def _sawtooth(draft: Draft) -> None:
    """A registry that a sweep empties every third wave."""
    draft.rest[BROADCASTS] = np.array([at % 3 * 200.0 for at in range(len(draft.stages))])
    draft.rest[BROADCASTS][[0, -1]] = 0.0


def _saturating(draft: Draft) -> None:
    """A cache of 2,000 entries fills and stays full."""
    draft.rest["container:server.cache:entries"] = np.minimum(draft.connections * 0.8, 2000.0)
    draft.per_client["container:server.cache:entries"] = 0.0


def _library(draft: Draft) -> None:
    """The disconnect handler raises: the library never cleans up."""
    for metric in ("library:environ", "library:manager.rooms", "library:manager.pending_disconnect"):
        draft.grow(metric, 2.0 if metric.endswith("rooms") else 1.0)
    draft.grow("heap:objects", 12.0)
    draft.grow("heap:blocks", 40.0)


def _unsettled(draft: Draft) -> None:
    """Nine rest points in ten did not settle."""
    draft.unsettled = {at for at, stage in enumerate(draft.stages) if stage.phase == "wave"}


def _died(draft: Draft) -> None:
    """The target died after the last wave."""
    draft.outcome = "target-died"


def _cut_short(draft: Draft) -> None:
    """No end record: the harness itself was killed."""
    draft.outcome = None


def _interrupted(draft: Draft) -> None:
    """Ctrl-C after all waves."""
    draft.outcome = "interrupted"


def _healthy_still(_draft: Draft) -> None:
    """Spoil nothing."""


SPOILERS: dict[str, Callable[[Draft], None]] = {
    "bounded": _healthy_still,
    "leak": _leak,
    "rare": _rare,
    "ttl": _ttl,
    "lingering": _lingering,
    "native": _native,
    "inconclusive": _inconclusive,
    "high-water": _high_water,
    "sawtooth": _sawtooth,
    "saturating": _saturating,
    "library": _library,
    "unsettled": _unsettled,
    "died": _died,
    "cut-short": _cut_short,
    "interrupted": _interrupted,
}


def _write(draft: Draft, waves: int, clients: int, seed: int) -> Run:
    run = Run(
        header=_header(waves, clients, seed),
        metrics=draft.infos,
        samples=[sample for at in range(len(draft.stages)) for sample in (*_ticks(draft, at), _rest(draft, at))],
        waves=[_wave(stage) for stage in draft.stages if stage.opened],
        settles=[_settle(draft, at) for at in range(len(draft.stages))],
        diagnoses=draft.diagnoses,
        warnings=["ping interval shortened from 25 s to 2 s so that waves settle"],
    )
    if draft.diagnoses:
        sites = [site for diagnosis in draft.diagnoses.values() for site in diagnosis.culprit.sites]
        run.lines = Lines(connections=2 * clients, sites=sites)
    if draft.outcome:
        run.end = End(t_s=draft.stages[-1].rest_s + 0.2, outcome=draft.outcome)
    return run


def _header(waves: int, clients: int, seed: int) -> Header:
    target = TargetInfo(
        command=["python", "-m", "server", "--port", "{port}"],
        url="http://127.0.0.1:8000",
        python="3.11.7",
        versions={"python-socketio": "5.18.1", "python-engineio": "4.15.1", "uvicorn": "0.54"},
        pids=[PID],
        ping_interval_s=PING_S,
        ping_timeout_s=2.0,
    )
    plan = Plan(waves=waves, clients=clients, warmup=2, steady_s=STEADY_S, rate=RATE, drops={"close": 1.0})
    return Header(soakproof="0.1.0", started_at="2026-01-02T03:04:05Z", seed=seed, target=target, plan=plan)


def _rest(draft: Draft, at: int) -> Sample:
    stage = draft.stages[at]
    return Sample(
        t_s=stage.rest_s,
        kind="rest",
        phase=stage.phase,
        wave=stage.wave,
        pid=PID,
        connections=int(draft.connections[at]),
        events=int(draft.connections[at]),
        is_settled=at not in draft.unsettled,
        pause_s=0.04,
        metrics={metric: float(values[at]) for metric, values in draft.rest.items()},
    )


def _ticks(draft: Draft, at: int) -> list[Sample]:
    stage = draft.stages[at]
    times = np.arange(stage.start_s, stage.rest_s - 0.05, 0.25)
    return [_tick(draft, at, float(now)) for now in times]


def _tick(draft: Draft, at: int, now: float) -> Sample:
    """Read the counters: clients come for half of the stretch and go for the other; what is kept, comes meanwhile."""
    stage = draft.stages[at]
    share = min((now - stage.start_s) / max(stage.end_s - stage.start_s, 0.01), 1.0)
    is_steady = stage.phase == "steady"
    ramp = min(share * 10, (1 - share) * 10, 1.0) if is_steady else 1 - abs(2 * share - 1)
    clients = round(stage.peak_clients * ramp)
    before = max(at - 1, 0)
    return Sample(
        t_s=round(now, 3),
        kind="tick",
        phase=stage.phase,
        wave=stage.wave,
        pid=PID,
        connections=int(draft.connections[at]) - round(stage.opened * (1 - share)),
        clients=clients,
        metrics={
            metric: round(_kept(draft, metric, before, at, share, now) + draft.per_client[metric] * clients, 1)
            for metric in sorted(draft.ticking)
        },
    )


def _kept(draft: Draft, metric: str, before: int, at: int, share: float, now: float) -> float:
    stage, was, will_be = draft.stages[at], draft.rest[metric][before], draft.rest[metric][at]
    if stage.phase == "drain" and metric in draft.linger_s:
        return float(was if now - draft.stages[before].end_s < draft.linger_s[metric] else will_be)
    return float(was + share * (will_be - was))


def _wave(stage: Stage) -> Wave:
    rate = stage.opened / (stage.end_s - stage.start_s)
    return Wave(
        index=stage.wave or 0,
        phase=stage.phase,
        t_start_s=stage.start_s,
        t_end_s=stage.end_s,
        intended=stage.opened,
        opened=stage.opened,
        dropped={"close": stage.opened},
        events=stage.opened,
        peak_clients=stage.peak_clients,
        rate_intended=round(rate, 1),
        rate_achieved=round(rate * 0.99, 1),
        cpu_s=stage.opened * 0.00042,
        latency_s={"p50": 0.004, "p95": 0.011, "p99": 0.019, "max": 0.05},
        generator_rss_bytes=int(60 * MIB),
    )


def _settle(draft: Draft, at: int) -> Settle:
    stage = draft.stages[at]
    is_settled = at not in draft.unsettled
    return Settle(
        wave=stage.wave,
        phase=stage.phase,
        t_s=stage.rest_s,
        waited_s=round(stage.rest_s - stage.end_s, 2),
        is_settled=is_settled,
        remaining={} if is_settled else {"task:total": 12.0},
    )
