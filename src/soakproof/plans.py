"""What a run is of, and what it was to be: the target, the load that was asked for, and how all is to be judged."""

from __future__ import annotations

from typing import Literal

import msgspec

FailOn = Literal["leak", "inconclusive", "growth"]


class Bound(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """A bound on a registry: declared by the user, or read off the container (``deque.maxlen``, ``lru_cache``)."""

    ttl_s: float | None = None
    max_items: int | None = None
    source: Literal["declared", "observed"] = "declared"


class MemoryLimit(msgspec.Struct, kw_only=True, frozen=True):
    """The most memory that the target may have: its container's limit (cgroup), or what the machine has."""

    limit_bytes: int
    source: Literal["cgroup", "machine"]


class TargetInfo(msgspec.Struct, kw_only=True):
    """What was under test; whether malloc may keep caches of freed memory in its threads, which count as in use."""

    command: list[str]
    url: str
    python: str
    versions: dict[str, str]
    pids: list[int]
    ping_interval_s: float | None = None
    ping_timeout_s: float | None = None
    memory_limit: MemoryLimit | None = None
    has_thread_caches: bool = True


class Plan(msgspec.Struct, kw_only=True):
    """The load that was asked for; ``drain_s`` is how long what grew was to be waited for, None in older runs."""

    waves: int
    clients: int
    warmup: int
    steady_s: float
    rate: float
    drops: dict[str, float]
    is_held: bool = False
    load: str = "locust"
    locustfile: str | None = None
    drain_s: float | None = None


class Margins(msgspec.Struct, kw_only=True, frozen=True):
    """Growth per connection (or per event) that counts as none. Defaults: BRIEF and docs/adr."""

    entries: float = 0.005
    objects: float = 0.05
    buffer_bytes: float = 1.0
    heap_bytes: float = 16.0
    process_bytes: float = 64.0


class Rules(msgspec.Struct, kw_only=True, frozen=True):
    """How the run is to be judged; ``soakproof judge`` may put others in their place.

    ``at_rate``: connections per second at which a leak is extrapolated, besides the observed ones.
    """

    margins: Margins = Margins()
    confidence: float = 0.9
    fail_on: FailOn = "inconclusive"
    bounds: dict[str, Bound] = {}
    at_rate: float | None = None
