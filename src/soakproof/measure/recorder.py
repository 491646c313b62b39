"""The recorder: takes readings of the target and writes them into the journal, with where in the run they belong."""

from __future__ import annotations

import random
from collections.abc import Callable

from soakproof.load.orders import Progress
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Moment, Observer
from soakproof.measure.tickwriter import TickWriter
from soakproof.samples import Metric, Phase, Warned, Wave
from soakproof.totals import add_up
from soakproof.warningcodes import Value, WarningCode

DISCOVER_EVERY_S = 2.0
STANDSTILL_S = 5.0  # an agent gets its turn in milliseconds, on the busiest machine in a second
DISCOVER_RESTS = (
    20.0  # times what the last look took: the target stands still meanwhile, for seconds where thousands are in
)


class Recorder:
    """Readings of one run. ``clock`` gives seconds since it began, ``tick_s`` how far ticks are apart.

    ``tell_memory`` is told the target's RSS in bytes at each tick. A ``companion`` records other processes at the same
    rest points, against the same connections.
    """

    def __init__(
        self,
        observer: Observer,
        journal: Journal,
        clock: Callable[[], float],
        tell_memory: Callable[[float], None],
        *,
        tick_s: float,
        seed: int,
        companion: Recorder | None = None,
    ) -> None:
        self._observer = observer
        self._journal = journal
        self._ticks = TickWriter(journal)
        self._clock = clock
        self._tell_memory = tell_memory
        self._companion = companion
        self._tick_s = tick_s
        self._random = random.Random(seed)  # noqa: S311  # jitters the sampling, so that it beats with nothing
        self._connections = 0
        self._events = 0
        self._watched: set[str] = set()
        self._introduced: set[tuple[str, int | None]] = set()
        self._next_tick_s = 0.0
        self._next_discovery_s = 0.0
        self._stopped_s = 0.0

    def count(self, wave: Wave) -> None:
        """Write down an order that was carried out; its connections and events count from now on."""
        self._connections += wave.opened
        self._events += wave.events
        self._ticks.flush()
        self._journal.write(wave)
        if self._companion is not None:
            self._companion.count(wave)

    def tick(self, phase: Phase, wave: int | None, progress: Progress, *, is_due: bool = False) -> None:
        """Read the counters, unless the last tick was less than about ``tick_s`` ago."""
        now_s = self._clock()
        if now_s < self._next_tick_s and not is_due:
            return
        moment = self._moment(phase, wave, progress)
        moment.late_s = round(max(0.0, now_s - self._next_tick_s), 4) if self._next_tick_s else 0.0
        samples = self._observer.tick(moment)
        self._tell_standstill(now_s, moment)
        self._ticks.write(samples, is_due=is_due)
        self._tell_memory(add_up(sample.metrics for sample in samples).get("process:rss", 0.0))
        self._next_tick_s = now_s + self._tick_s * self._random.uniform(0.75, 1.25)

    def _tell_standstill(self, asked_s: float, moment: Moment) -> None:
        """Write down that the target took seconds to answer what takes it microseconds, or was stopped since."""
        stopped_s = self._observer.stopped_s()
        seconds = round(max(self._clock() - asked_s, stopped_s - self._stopped_s), 1)
        self._stopped_s = stopped_s
        if seconds >= STANDSTILL_S:
            where = moment.phase if moment.wave is None else f"{moment.phase} {moment.wave}"
            values: dict[str, Value] = {"seconds": seconds, "t_s": round(asked_s, 1), "where": where}
            self._journal.write(Warned(t_s=round(self._clock(), 4), code=WarningCode.STOOD_STILL, values=values))

    def rest(self, phase: Phase, wave: int | None, *, clients: int = 0, is_settled: bool = True) -> None:
        """Take a rest point's reading of every process, while so many clients are connected."""
        moment = self._moment(phase, wave, Progress(open=clients))
        samples, infos = self._observer.rest(moment, is_settled=is_settled)
        self._ticks.flush()
        self._introduce(infos)
        for sample in samples:
            self._journal.write(sample)
        if self._companion is not None:
            self._companion.rest(phase, wave, clients=clients, is_settled=is_settled)

    def discover(self) -> dict[str, float]:
        """Find containers that have gained entries while clients are connected, and watch them from now on.

        Returns:
            What each metric found held before any client, all processes together.
        """
        if self._clock() < self._next_discovery_s:
            return {}
        started_s = self._clock()
        infos, grown = self._observer.discover()
        taken_s = self._clock() - started_s
        self._introduce(infos)
        if not self._watched.issuperset(grown):
            self._watched.update(grown)
            self._observer.watch(sorted(self._watched))
        self._next_discovery_s = self._clock() + max(DISCOVER_EVERY_S, DISCOVER_RESTS * taken_s)
        return add_up({info.metric: info.reference} for info in infos)

    def _moment(self, phase: Phase, wave: int | None, progress: Progress) -> Moment:
        return Moment(
            phase=phase,
            wave=wave,
            connections=self._connections + progress.opened,
            events=self._events + progress.events,
            clients=progress.open,
            straining=progress.straining,
        )

    def _introduce(self, infos: list[Metric]) -> None:
        for info in infos:
            if (info.metric, info.pid) not in self._introduced:
                self._introduced.add((info.metric, info.pid))
                self._journal.write(info)
