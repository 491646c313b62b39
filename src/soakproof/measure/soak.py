"""The conductor: warm up, waves, settle, read, steady phase, drain. It writes what it sees into the journal."""

from __future__ import annotations

import time
from collections.abc import Callable

from soakproof.config import Config
from soakproof.errors import LoadError
from soakproof.load.orders import Load, Order, Progress
from soakproof.measure.journal import Journal
from soakproof.measure.narrator import Narrator
from soakproof.measure.observer import Observer
from soakproof.measure.ordering import Orders, usual_wave
from soakproof.measure.reached import check_held, check_reached
from soakproof.measure.recorder import Recorder
from soakproof.measure.settle import Lingerer, Ping, Settler
from soakproof.measure.wavenumbers import WaveNumbers
from soakproof.measure.waverecords import to_wave
from soakproof.metrickinds import CLIENTS_METRIC
from soakproof.samples import Phase, Settle, Warned, Wave
from soakproof.target.started import Target
from soakproof.warningcodes import RunWarning, WarningCode, warn
from soakproof.wording.warned import say_warning

POLL_S = 0.1
DISCOVER_SHARE = 0.9
DISCOVER_CLIENTS = 1000.0  # they show as much as ten times as many, and the target stands still a tenth as long


class Soak:
    """One run of a load against a target, observed.

    ``clock`` gives seconds since the run began; a ``companion`` records other processes at the same rest points.
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
        companion: Recorder | None = None,
    ) -> None:
        self._config = config
        self._target = target
        self._load = load
        self._observer = observer
        self._journal = journal
        self._narrator = narrator
        self._clock = clock
        self._orders = Orders(config)
        self._recorder = Recorder(
            observer, journal, clock, narrator.memory, tick_s=config.tick, seed=config.seed, companion=companion
        )
        self._settler = Settler(observer, Ping(), self._while_settling)
        self._settling: tuple[Phase, int | None] = ("baseline", None)
        self._held = 0
        self._numbers = WaveNumbers(narrator, config.warmup + config.waves)
        self._again: int | None = None

    def prepare(self, ping: Ping, *, may_hurry_sweeps: bool) -> None:
        """Take the reading that all others are compared with: the target idle, before any client."""
        self._settler = Settler(self._observer, ping, self._while_settling, may_hurry_sweeps=may_hurry_sweeps)
        self._narrator.phase("baseline")
        self._settler.take_floor()
        self._observer.executed(mark=True)
        self._recorder.rest("baseline", None)

    def use_ping(self, ping: Ping) -> None:
        """Have the target ask its clients, and wait for them, so from now on."""
        self._observer.set_ping(ping.interval_s, ping.timeout_s)
        self._settler.use_ping(ping)

    def warm_up(self) -> None:
        """Run the waves that pay the high-water mark, and find out which containers gain entries from clients."""
        for _ in range(self._config.warmup):
            check_reached(self.run_wave("warmup"))
        for bystander in self._observer.bystanders():
            self._narrator.note(bystander)
        self._settler.keep_floor()

    def measure(self, waves: int) -> None:
        """Run waves that count, with a rest point after each."""
        self._numbers.plan(waves)
        for _ in range(waves):
            self.run_wave("held" if self._config.held else "wave")

    def steady(self) -> None:
        """Let clients arrive and depart at a constant rate for a while, then take a rest point."""
        if not self._config.steady_s():
            return
        self._narrator.phase("steady")
        order = self._orders.steady()
        self._carry_out(order)
        self.settle_and_read("steady", order.index)

    def load_again(self, waves: int) -> None:
        """Run so many waves again after a drain, without rest points: what matters is what the next drain leaves."""
        for _ in range(waves):
            self._again = self.run_wave("again", is_read=False).index

    def read_drained(self) -> None:
        """Take a rest point of the drain that is under way."""
        self.settle_and_read("drain", self._again)

    def pulse(self) -> Wave:
        """Have a few clients come and go, or do something."""
        return self._carry_out(self._orders.pulse())

    def wait_a_moment(self, since_s: float, phase: Phase = "drain") -> dict[str, float]:
        """Sample once while nothing goes on, and return the counters."""
        time.sleep(POLL_S)
        self._recorder.tick(phase, None, Progress(open=self._held))
        self._narrator.settle(self._clock() - since_s, {})
        return self.counters()

    def counters(self) -> dict[str, float]:
        """Return what the target counts at any time, by metric: a question that costs it next to nothing."""
        return self._observer.counters()

    def part(self) -> None:
        """Have the held clients leave, and read the target once more as it was at the baseline: without any."""
        if not self._held:
            return
        self._narrator.phase("parting")
        order = self._orders.parting()
        self._carry_out(order)
        self.settle_and_read("baseline", order.index)

    def run_wave(
        self, phase: Phase, size: int | None = None, drops: dict[str, float] | None = None, *, is_read: bool = True
    ) -> Wave:
        """Run one wave, or burst of the held clients, let it settle, and read; ``size`` as `Orders` says.

        While allocations are traced a census costs the target seconds: where nobody asks for its reading, leave it out.
        """
        order = self._orders.wave(phase, size, drops)
        self._numbers.tell(phase)
        wave = self._carry_out(order)
        is_settled = self._settle(phase, order.index)
        self._held = self._count_held(self._held)
        check_held(order, wave, self._held)
        if is_read:
            self._recorder.rest(phase, order.index, clients=self._held, is_settled=is_settled)
        return wave

    def read(self, phase: Phase) -> None:
        """Take a reading of the target as it is."""
        self._recorder.rest(phase, None, clients=self._held)

    def now(self) -> float:
        """Return seconds since the run began."""
        return round(self._clock(), 4)

    def announce(self, phase: str) -> None:
        """Tell the person who waits that a phase begins."""
        self._narrator.phase(phase)

    def tell(self, message: str) -> None:
        """Tell the person who waits something that no report needs."""
        self._narrator.note(message)

    def warn(self, warning: RunWarning) -> None:
        """Have the report, and the person who waits, know something."""
        self._journal.write(Warned(t_s=self.now(), code=warning.code, values=warning.values))
        self._narrator.note(say_warning(warning))

    def tell_unreadable(self) -> None:
        """Warn of what the censuses could not read, if anything."""
        for warning in self._observer.unreadable():
            self.warn(warning)

    def _carry_out(self, order: Order) -> Wave:
        """Have the load generator carry out an order, sampling meanwhile; return the record of it."""
        t_start_s = self._clock()
        self._load.begin(order)
        progress = self._follow(order)
        wave = to_wave(order, self._load.tally(), t_start_s, self._clock())
        wave.ahead_s = self._observer.ahead_s()
        self._held = self._count_held(progress.open)
        if order.events:
            wave.peak_clients = min(wave.peak_clients, self._held)
        self._recorder.count(wave)
        self._recorder.tick(order.phase, order.index, Progress(open=self._held), is_due=True)
        self._narrator.progress(progress.opened, progress.open)
        check_held(order, wave, self._held)
        return wave

    def _count_held(self, still_open: int) -> int:
        """Return how many clients are held: those that the load has open, but no more than the target knows of.

        A client that does not listen need not know that it was thrown out, nor a command how many it opened.
        """
        known = self.counters().get(CLIENTS_METRIC) if still_open else None
        return still_open if known is None else min(still_open, int(known))

    def _follow(self, order: Order) -> Progress:
        """Sample until the order is done.

        Raises:
            LoadError: nothing has moved for as long as the load may stand still.
        """
        progress, moved_s = Progress(), self._clock()
        while not progress.is_done:
            time.sleep(min(POLL_S, self._config.tick))
            before, progress = progress, self._load.progress()
            self._target.check_alive()
            if before != progress:
                moved_s = self._clock()
            if self._clock() - moved_s > self._load.patience_s:
                raise LoadError(
                    f"wave {order.index} stalled: {progress.opened} of {order.clients} clients opened, "
                    f"{progress.open} open, and nothing moved for {self._load.patience_s:g} s; see locust.log"
                )
            self._narrator.progress(progress.opened, progress.open)
            self._recorder.tick(order.phase, order.index, progress)
            if self._shows_registries(order, progress):
                self._settler.add_floor(self._recorder.discover())
        return progress

    def _shows_registries(self, order: Order, progress: Progress) -> bool:
        """Whether to look for registries: the last warm-up wave is open, and those made on first use have been at rest.

        A target that answers late may not be seen before the wave is over: then what clients have left is there still.
        """
        if order.phase != "warmup" or order.index != self._config.warmup:
            return False
        return progress.is_done or progress.open >= min(DISCOVER_SHARE * order.clients, DISCOVER_CLIENTS)

    def _while_settling(self, waited_s: float, remaining: dict[str, float]) -> None:
        """Go on sampling while the target settles: how registries drain is worth seeing."""
        self._narrator.settle(waited_s, remaining)
        self._recorder.tick(*self._settling, Progress(open=self._held))

    def settle_and_read(self, phase: Phase, wave: int | None) -> None:
        """Wait for a rest point, and read the target there."""
        is_settled = self._settle(phase, wave)
        self._recorder.rest(phase, wave, clients=self._held, is_settled=is_settled)

    def _settle(self, phase: Phase, wave: int | None) -> bool:
        """Wait until the target has settled, and write down whether it has."""
        self._settling = (phase, wave)
        is_learning = phase == "warmup" and wave == self._config.warmup
        left = usual_wave(self._config).size if is_learning else 0
        before, settled = self._settler.lingerer, self._settler.settle(are_clients_held=self._held > 0, left=left)
        if self._settler.lingerer != before:
            self.warn(of_settling(self._settler.lingerer))
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
        return settled.is_settled


def of_settling(lingerer: Lingerer) -> RunWarning:
    """Return the warning that waves settle for longer, and for which container's sake."""
    return warn(WarningCode.SETTLING_LENGTHENED, metric=lingerer.metric, stood_s=lingerer.stood_s)
