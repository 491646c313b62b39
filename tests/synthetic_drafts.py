"""A run before it is written down: the value of every metric at every rest point of a healthy server."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soakproof.culprits import Origin
from soakproof.samples import Diagnosis, Metric, Outcome, Phase

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
    outcome: Outcome | None = "completed"

    def grow(self, metric: str, per_connection: float) -> None:
        """Let a metric gain so much per connection, from the first connection on."""
        self.rest[metric] = self.rest[metric] + np.round(per_connection * self.connections)

    def index(self, phase: Phase) -> int:
        """Return the place of the last stage of a phase."""
        return max(at for at, stage in enumerate(self.stages) if stage.phase == phase)


def draft_healthy(waves: int, clients: int, seed: int) -> Draft:
    """Return the draft of a healthy soak: two warm-up waves, the measured waves, a steady phase and a drain."""
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


def _origin(metric: str) -> Origin:
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
