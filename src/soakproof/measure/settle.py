"""Settling: wait until what a wave's end should free is freed, decided by a census and never by a bare sleep."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

import msgspec

from soakproof.measure.observer import Heap, Observer
from soakproof.metrickinds import CLIENTS_METRIC, CONTAINERS, kind_of

POLL_S = 0.2
SLACK_S = 6.0
LEARN_S = 8.0  # frameworks let go of a client a few seconds after it has left, in case that it comes back
LEARN_SHARE = 0.05  # of a wave's clients; what lingers does so for many, what a server makes on first use are a few
CAUTION = 1.5
TRACED_SLOWDOWN = 4  # tracemalloc slows a server 3 to 4 times
TRACED_TIMEOUT_S = 5.0
FALLING_OBJECTS = 3
HURRY_S = 1.0
PINNED_BY_SWEEP = 1  # the loop variable of Engine.IO's service task holds on to the last socket it looked at


class Ping(msgspec.Struct, kw_only=True, frozen=True):
    """The heartbeat of the target's Engine.IO server: what it keeps of a gone client lingers for about so long."""

    interval_s: float = 25.0
    timeout_s: float = 20.0

    @property
    def while_traced(self) -> Ping:
        """The ping for a target that is slowed down by tracing: a short timeout grows, as its clients answer late.

        No further than to the usual one: some servers let go of a closed socket only after it.
        """
        timeout_s = min(TRACED_SLOWDOWN * self.timeout_s, TRACED_TIMEOUT_S)
        return Ping(interval_s=self.interval_s, timeout_s=max(self.timeout_s, timeout_s))

    @property
    def quiet_s(self) -> float:
        """How long counters must have stood still before what remains counts as retained."""
        return self.interval_s * 1.1 + 0.5

    @property
    def sweep_s(self) -> float:
        """How long Engine.IO's sweep may pin a closed socket: one round over a copy of the sockets."""
        return self.timeout_s + 1.0

    @property
    def limit_s(self) -> float:
        """The longest that a dropped connection may linger: a ping, its time-out, and two sweeps of Engine.IO's.

        A client that polls no more is closed by one sweep and taken off the list by the next; each takes a time-out.
        """
        return self.interval_s + 3 * self.timeout_s + SLACK_S


class Lingerer(msgspec.Struct, kw_only=True, frozen=True):
    """The container that stood still for the longest before it fell, and for how long; none, for no time, at first."""

    metric: str = ""
    stood_s: float = 0.0


class Settled(msgspec.Struct, kw_only=True):
    """How the wait ended: whether everything came to rest, and the counters above their floor when it did."""

    waited_s: float
    is_settled: bool
    remaining: dict[str, float]


class Settler:
    """Waits for rest points.

    At rest: no connection object is left, in a registry or out of it, and every counter is back at its floor, or has
    drained no further for longer than anything that merely lingers would; and a collection frees no more objects. The
    floor is what a warm target counts when idle, so a leak delays each rest point by the quiet time, and hides none.
    Clients that are held stay connected, and are not waited for.

    What the application frees some seconds after a client has left may stand still for longer than the quiet time: once
    (``left``) more time is given, and what was seen to fall then is waited for ever after.
    """

    def __init__(
        self,
        observer: Observer,
        ping: Ping,
        on_poll: Callable[[float, dict[str, float]], None],
        *,
        may_hurry_sweeps: bool = False,
    ) -> None:
        self._observer = observer
        self._ping = ping
        self._on_poll = on_poll
        self._may_hurry_sweeps = may_hurry_sweeps
        self._floor: dict[str, float] = {}
        self._rested: dict[str, float] = {}
        self._outliving = 0
        self._rested_objects = math.inf
        self._is_fall_awaited = True
        self._started = 0.0
        self._lingering = math.inf
        self.lingerer = Lingerer()

    def settle(self, *, are_clients_held: bool = False, left: int = 0) -> Settled:
        """Wait for the next rest point, at most the ping's limit; held clients are connected at it, and idle.

        Where as many as a share of the ``left`` clients stand still, they are given `LEARN_S`, to see whether they fall
        all the same.
        """
        self._started = time.monotonic()
        self._lingering = max(1.0, LEARN_SHARE * left) if left else math.inf
        is_still, counters = self._await_counters(are_clients_held)
        self._rested = counters
        is_flat = self._await_heap(are_clients_held)
        return Settled(
            waited_s=round(self._waited_s(), 3),
            is_settled=is_still and is_flat,
            remaining=self._above_floor(counters),
        )

    def take_floor(self) -> None:
        """Take what the target counts now, before any client, as the floor that later waits come back to."""
        self._floor = self._observer.counters()
        self._outliving = self._observer.heap().connections

    def keep_floor(self) -> None:
        """Take what the target counted at the last rest point, warm and idle, as the floor from now on."""
        self._floor = self._rested

    def _await_counters(self, are_clients_held: bool) -> tuple[bool, dict[str, float]]:
        """Wait until the counters are home, or drain no more; return whether they do, and the last of them.

        A counter drains as long as it reaches new lows: a server that is busy by itself may go up and down for ever.
        """
        lows = self._observer.counters()
        least_s = max(self._least_wait_s(), self._unseen_s(lows))
        still_since_s = hurried_s = 0.0
        while True:
            time.sleep(POLL_S)
            counters = self._observer.counters()
            waited_s = self._waited_s()
            lower = {name: value for name, value in counters.items() if value < lows.get(name, math.inf)}
            if lower:
                self._learn(lower, waited_s - still_since_s)
                lows.update(lower)
                still_since_s = waited_s
            above = self._above_floor(counters)
            self._on_poll(waited_s, above)
            if not above and waited_s > least_s:
                return True, counters
            are_gone = are_clients_held or CLIENTS_METRIC not in above
            if not are_gone and self._may_hurry_sweeps and waited_s - hurried_s > HURRY_S:
                self._observer.hurry_sweeps()
                hurried_s = waited_s
            patience_s = self._patience_s(above)
            if waited_s - still_since_s > max(self._ping.quiet_s, patience_s) and are_gone:
                self._keep_threads(counters)
                return True, counters
            if waited_s > self._ping.limit_s + patience_s:
                return waited_s - still_since_s > self._ping.interval_s or are_gone, counters

    def _keep_threads(self, counters: Mapping[str, float]) -> None:
        """Take as home what threads have stood still for so long: those of a pool, which are awaited no second time."""
        kept = {name: value for name, value in counters.items() if kind_of(name) == "thread"}
        self._floor = {**self._floor, **{name: max(value, self._floor.get(name, 0.0)) for name, value in kept.items()}}

    def _patience_s(self, above: Mapping[str, float]) -> float:
        """How long what stands above its floor may stand still, by what was seen and by how much there is."""
        has_many = max(above.values(), default=0.0) >= self._lingering
        return max(LEARN_S if has_many else 0.0, CAUTION * self.lingerer.stood_s)

    def _unseen_s(self, counters: Mapping[str, float]) -> float:
        """How long to wait for what lingers and no counter shows: attributes of objects that came since then."""
        name = self.lingerer.metric
        is_seen = counters.get(name, 0.0) > self._floor.get(name, 0.0)
        return 0.0 if not name or is_seen else CAUTION * self.lingerer.stood_s

    def _learn(self, lower: Mapping[str, float], stood_s: float) -> None:
        """Remember the container that fell after having stood still for longer than anything of the library would."""
        fallen = sorted(name for name in lower if kind_of(name) in CONTAINERS)
        if fallen and stood_s > max(self._ping.quiet_s, self.lingerer.stood_s):
            self.lingerer = Lingerer(metric=fallen[0], stood_s=stood_s)

    def _await_heap(self, are_clients_held: bool) -> bool:
        """Collect until objects fall no more and no connection object is left; return whether it came to that in time.

        Connection objects that do not go are retained or somebody else's, once they have outlived any sweep: so many
        are awaited no second time. Or their clients are held; or the target collects no garbage, and they never will.
        """
        if self._may_hurry_sweeps and not are_clients_held:
            self._observer.hurry_sweeps()
        heap = self._await_fall(self._observer.heap())
        still_since_s = self._waited_s()
        ends_s = max(self._ping.limit_s, still_since_s + SLACK_S) + self._ping.sweep_s
        while True:
            time.sleep(POLL_S)
            before, heap = heap, self._observer.heap()
            waited_s = self._waited_s()
            if heap.connections != before.connections:
                still_since_s = waited_s
            are_new = heap.connections > self._outliving + PINNED_BY_SWEEP
            are_awaited = are_new and heap.is_collected and not are_clients_held
            self._on_poll(waited_s, {"connection objects": heap.connections} if are_awaited else {})
            is_over = not are_awaited or waited_s - still_since_s > self._ping.sweep_s
            if is_over and before.objects - heap.objects < FALLING_OBJECTS:
                self._outliving = heap.connections if are_awaited else min(self._outliving, heap.connections)
                self._rested_objects = heap.objects
                return True
            if waited_s > ends_s:
                return False

    def _await_fall(self, first: Heap) -> Heap:
        """Wait for objects that linger after their containers have emptied, where there are more than at the last rest.

        A server in whose containers something lingers may hold on to it a little longer, where no counter shows it.
        Where they did not fall all the while they are kept, and are not awaited again.
        """
        heap, began_s, patience_s = first, self._waited_s(), CAUTION * self.lingerer.stood_s
        while self._is_fall_awaited and heap.objects > self._rested_objects + FALLING_OBJECTS:
            if first.objects - heap.objects >= FALLING_OBJECTS:
                break
            if self._waited_s() - began_s > patience_s:
                self._is_fall_awaited = patience_s == 0
                break
            time.sleep(POLL_S)
            heap = self._observer.heap()
        return heap

    def use_ping(self, ping: Ping) -> None:
        """Expect another ping of the target's from now on."""
        self._ping = ping

    def add_floor(self, references: Mapping[str, float]) -> None:
        """Take what containers held before any client, which were not counted then, as their floor."""
        self._floor = {**references, **self._floor}

    def _waited_s(self) -> float:
        return time.monotonic() - self._started

    def _least_wait_s(self) -> float:
        """A sleeping ping task may be one that no counter shows (greenlets): outwait one interval in any case."""
        return self._ping.interval_s + POLL_S

    def _above_floor(self, counters: dict[str, float]) -> dict[str, float]:
        return {name: value for name, value in counters.items() if value > self._floor.get(name, 0.0)}
