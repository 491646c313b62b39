"""The conductor: warm up, waves, settle, read, steady phase, drain. It writes what it sees into the journal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from soakproof.config import Config
from soakproof.errors import LoadError
from soakproof.journal import Journal
from soakproof.load.orders import Load, Order, Progress, Tally
from soakproof.observer import Moment, Observer
from soakproof.samples import Metric, Phase, Settle, Warned, Wave
from soakproof.settle import Ping, Settler
from soakproof.target import Target

POLL_S = 0.1
STALL_S = 60.0
DISCOVER_EVERY_S = 2.0
DISCOVER_SHARE = 0.9
PULSE_CLIENTS = 3
PULSE_EVERY_S = 10.0


class Narrator(Protocol):
    """Tells the person who waits what is going on."""

    def phase(self, name: str) -> None:
        """Say that a phase begins."""

    def wave(self, index: int, total: int) -> None:
        """Say that a wave begins."""

    def progress(self, opened: int, clients: int) -> None:
        """Say how many clients were opened, and are open."""

    def settle(self, waited_s: float, remaining: dict[str, float]) -> None:
        """Say how long the target has been settling, and what remains."""

    def note(self, message: str) -> None:
        """Say something worth a line."""


class Soak:
    """One run of a load against a target, observed.

    ``clock`` gives seconds since the run began.
    """

    def __init__(
        self,
        config: Config,
        target: Target,
        load: Load,
        observer: Observer,
        journal: Journal,
        narrator: Narrator,
        clock: Callable[[], float],
    ) -> None:
        self.config = config
        self.connections = 0
        self.events = 0
        self._target = target
        self._load = load
        self._observer = observer
        self._journal = journal
        self._narrator = narrator
        self._clock = clock
        self._random = random.Random(config.seed)  # noqa: S311  # jitters the sampling, so that it beats with nothing
        self._settler = Settler(observer, Ping(), self._while_settling)
        self._settling: tuple[Phase, int | None] = ("baseline", None)
        self._watched: set[str] = set()
        self._order_index = 0
        self._next_tick_s = 0.0
        self._next_discovery_s = 0.0

    def prepare(self, ping: Ping, *, may_end_sweeps: bool) -> None:
        """Take the reading that all others are compared with: the target idle, before any client."""
        self._settler = Settler(self._observer, ping, self._while_settling, may_end_sweeps=may_end_sweeps)
        self._narrator.phase("baseline")
        self._settler.take_floor()
        self.rest("baseline", None)

    def warm_up(self) -> None:
        """Run the waves that pay the high-water mark, and find out which containers gain entries from clients."""
        for _ in range(self.config.warmup):
            self.run_wave("warmup", self.config.clients)
        self._settler.keep_floor()

    def measure(self, waves: int) -> None:
        """Run waves that count, with a rest point after each."""
        for _ in range(waves):
            self.run_wave("wave", self.config.clients)

    def steady(self) -> None:
        """Let clients arrive and depart at a constant rate for a while, then take a rest point."""
        seconds = self.config.steady_s()
        if not seconds:
            return
        self._narrator.phase("steady")
        clients = round(self.config.rate * seconds)
        order = self._order("steady", clients, rate=self.config.rate, seconds=seconds)
        self._carry_out(order)
        self._settle_and_read("steady", order.index)

    def drain(self, seconds: float, is_drained: Callable[[dict[str, float]], bool]) -> None:
        """Wait, with no clients, for containers to empty by themselves; then take the last rest point.

        Every `PULSE_EVERY_S` a few clients come and go, since some servers only clean up when somebody leaves.
        ``is_drained`` is asked about the counters after each reading, and ends the wait when it says so.
        """
        self._narrator.phase("drain")
        started = self._clock()
        next_pulse_s = started + PULSE_EVERY_S
        while self._clock() - started < seconds:
            time.sleep(POLL_S)
            self._tick("drain", None, Progress())
            counters = self._observer.counters()
            self._narrator.settle(self._clock() - started, {})
            if is_drained(counters):
                break
            if self._clock() > next_pulse_s:
                self._carry_out(self._order("drain", PULSE_CLIENTS))
                next_pulse_s = self._clock() + PULSE_EVERY_S
        self._settle_and_read("drain", None)

    def run_wave(self, phase: Phase, clients: int, drops: dict[str, float] | None = None) -> Wave:
        """Run one wave, let it settle, and read."""
        order = self._order(phase, clients, drops=drops, rate=self.config.open_rate)
        self._narrator.wave(order.index, self.config.warmup + self.config.waves)
        wave = self._carry_out(order)
        self._settle_and_read(phase, order.index)
        return wave

    def rest(self, phase: Phase, wave: int | None, *, is_settled: bool = True) -> None:
        """Take a rest point's reading of every process."""
        samples, infos = self._observer.rest(self._moment(phase, wave, Progress()), is_settled=is_settled)
        self._introduce(infos)
        for sample in samples:
            self._journal.write(sample)

    def now(self) -> float:
        """Return seconds since the run began."""
        return round(self._clock(), 4)

    def announce(self, phase: str) -> None:
        """Tell the person who waits that a phase begins."""
        self._narrator.phase(phase)

    def warn(self, message: str) -> None:
        """Have the report, and the person who waits, know something."""
        self._journal.write(Warned(t_s=self.now(), message=message))
        self._narrator.note(message)

    def _order(
        self,
        phase: Phase,
        clients: int,
        *,
        drops: dict[str, float] | None = None,
        rate: float | None = None,
        seconds: float | None = None,
    ) -> Order:
        self._order_index += 1
        return Order(
            index=self._order_index,
            phase=phase,
            clients=clients,
            drops=drops or self.config.drops(),
            rate=rate,
            seconds=seconds,
        )

    def _carry_out(self, order: Order) -> Wave:
        """Have the load generator carry out an order, sampling meanwhile; return the record of it."""
        t_start_s = self._clock()
        self._load.begin(order)
        progress = self._follow(order)
        wave = to_wave(order, self._load.tally(), t_start_s, self._clock())
        self.connections += wave.opened
        self.events += wave.events
        self._tick(order.phase, order.index, Progress(), is_due=True)
        self._journal.write(wave)
        self._narrator.progress(progress.opened, 0)
        return wave

    def _follow(self, order: Order) -> Progress:
        """Sample until the order is done.

        Raises:
            LoadError: nothing has moved for `STALL_S` beyond what the order itself takes.
        """
        progress, moved_s = Progress(), self._clock()
        while not progress.is_done:
            time.sleep(POLL_S)
            before, progress = progress, self._load.progress()
            self._target.check_alive()
            if (before.opened, before.open) != (progress.opened, progress.open):
                moved_s = self._clock()
            if self._clock() - moved_s > STALL_S:
                raise LoadError(
                    f"wave {order.index} stalled: {progress.opened} of {order.clients} clients opened, "
                    f"{progress.open} open, and nothing moved for {STALL_S:g} s; see locust.log"
                )
            self._narrator.progress(progress.opened, progress.open)
            self._tick(order.phase, order.index, progress)
            if self._is_last_warmup(order) and progress.open >= DISCOVER_SHARE * order.clients:
                self._discover()
        return progress

    def _is_last_warmup(self, order: Order) -> bool:
        """Whether it is the wave to look for registries in: by then those made on first use have been at rest."""
        return order.phase == "warmup" and order.index == self.config.warmup

    def _discover(self) -> None:
        """Find containers that gain entries while clients are connected, and watch them from now on."""
        if self._clock() < self._next_discovery_s:
            return
        infos, grown = self._observer.discover()
        self._introduce(infos)
        if not self._watched.issuperset(grown):
            self._watched.update(grown)
            self._observer.watch(sorted(self._watched))
        self._next_discovery_s = self._clock() + DISCOVER_EVERY_S

    def _while_settling(self, waited_s: float, remaining: dict[str, float]) -> None:
        """Go on sampling while the target settles: how registries drain is worth seeing."""
        self._narrator.settle(waited_s, remaining)
        self._tick(*self._settling, Progress())

    def _settle_and_read(self, phase: Phase, wave: int | None) -> None:
        self._settling = (phase, wave)
        settled = self._settler.settle()
        self._target.check_alive()
        self._journal.write(
            Settle(
                wave=wave,
                phase=phase,
                t_s=self._clock(),
                waited_s=settled.waited_s,
                is_settled=settled.is_settled,
                remaining=settled.remaining,
            )
        )
        self.rest(phase, wave, is_settled=settled.is_settled)

    def _tick(self, phase: Phase, wave: int | None, progress: Progress, *, is_due: bool = False) -> None:
        now = self._clock()
        if now < self._next_tick_s and not is_due:
            return
        moment = self._moment(phase, wave, progress)
        moment.late_s = round(max(0.0, now - self._next_tick_s), 4) if self._next_tick_s else 0.0
        for sample in self._observer.tick(moment):
            self._journal.write(sample)
        self._next_tick_s = now + self.config.tick * self._random.uniform(0.75, 1.25)

    def _moment(self, phase: Phase, wave: int | None, progress: Progress) -> Moment:
        return Moment(
            phase=phase,
            wave=wave,
            connections=self.connections + progress.opened,
            events=self.events + progress.events,
            clients=progress.open,
        )

    def _introduce(self, infos: list[Metric]) -> None:
        for info in infos:
            if info.metric not in self._journal.run.metrics:
                self._journal.write(info)


def to_wave(order: Order, tally: Tally, t_start_s: float, t_end_s: float) -> Wave:
    """Put together the record of an order that was carried out."""
    return Wave(
        index=order.index,
        phase=order.phase,
        t_start_s=round(t_start_s, 4),
        t_end_s=round(t_end_s, 4),
        **msgspec.structs.asdict(tally),
    )
