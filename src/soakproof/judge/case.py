"""The case that rules decide: one series, its slope and interval, its margin, and what the run says about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from soakproof.culprits import Memory
from soakproof.judge.bounds import gained_bound, little_bound, retained_bound
from soakproof.judge.codes import Doubt, Rule
from soakproof.judge.emptying import Emptied, find_emptied
from soakproof.judge.neveragain import NeverAgain
from soakproof.judge.readings import Readings
from soakproof.judge.series import Series
from soakproof.judge.slopes import (
    Interval,
    block_interval,
    chance_interval,
    rare_interval,
    sen_interval,
    student,
    theil_sen,
)
from soakproof.judge.verdict import MetricVerdict
from soakproof.late import stats
from soakproof.metrickinds import IN_USE, USED_BY_C
from soakproof.plans import Bound
from soakproof.samples import Per

FEWEST_POINTS = 5
TAIL_POINTS = 6
STRAY_PER_REST = 30.0
FEWEST_SWINGS = 2
FAR_LESS = 0.5
MUCH_GONE = 0.25  # more than those of one wave of five that are about to go
TOTALS = frozenset(("heap", "blocks", "type"))  # they begin at thousands
UNNAMED = ".<refs>"  # what an object of C refers to, as the census calls it
CACHED_PER_THREAD_BYTES = 32 * 1024
FULL_CACHE_BYTES = 7 * sum(range(24, 1033, 16))  # of a thread: seven chunks of each of 64 sizes (glibc's tcache)


@dataclass(frozen=True)
class Ruling:
    """What a rule decided, and why: see `soakproof.judge.codes`."""

    verdict: MetricVerdict
    rule: Rule
    values: dict[str, float] = field(default_factory=dict)
    bound: float | None = None
    lingers_s: float | None = None
    is_deciding: bool = True
    doubt: Doubt | None = None
    memory: Memory | None = None


@dataclass(frozen=True)
class Case:
    """One metric, ready to be judged; of memory, ``memory`` is what the second pass found it to be.

    ``in_use``: the most that what C has in use grows per connection, in bytes; None where nothing tells.
    ``stray``: how many objects or blocks may come to a rest point in each process by being observed.
    ``threads``: how many threads may keep caches of freed memory.
    ``has_lingered``: whether the drain took any count down: the tables of what went stay as large as they were.
    """

    series: Series
    margin: float
    confidence: float
    seed: int
    readings: Readings
    bound: Bound | None = None
    is_held: bool = False
    are_counts_flat: bool = False
    has_lingered: bool = False
    memory: Memory | None = None
    threads: float = 0.0
    in_use: float | None = None
    stray: float = STRAY_PER_REST
    never_again: NeverAgain | None = None

    @property
    def alpha(self) -> float:
        """The error rate of each of the two one-sided tests."""
        return (1 - self.confidence) / 2

    @property
    def points(self) -> int:
        """The number of fitted points."""
        return len(self.series.x)

    @cached_property
    def interval(self) -> Interval:
        """The slope over all fitted points with its interval; without end where there are too few."""
        if self.points < FEWEST_POINTS:
            return Interval(0.0, float("-inf"), float("inf"))
        return self.interval_of(self.series, self.confidence)

    @cached_property
    def tail(self) -> Series | None:
        """The later half of the fitted points, at least six; None if there are no earlier ones."""
        return self.series.tail(self.points - max(TAIL_POINTS, self.points // 2)) if self.points > TAIL_POINTS else None

    def interval_of(self, series: Series, confidence: float) -> Interval:
        """Return the slope of a part of the series with the interval that its kind asks for."""
        x, y = series.x, series.y
        if series.is_bytes:
            return block_interval(x, y, confidence, self.seed)
        sen = sen_interval(x, y, confidence).join(rare_interval(x, y, confidence))
        return sen.join(chance_interval(x, y, confidence)) if np.all(np.diff(y) >= 0) else sen

    @cached_property
    def surely(self) -> float:
        """The lower end for a conviction: of counts that wander, Sen's interval knows too little.

        So it does of the process' totals, where caches of the interpreter fill by fits and starts (docs/adr/0011).
        """
        if self.points < FEWEST_POINTS:
            return self.interval.low
        return min(self.interval.low, chance_interval(self.series.x, self.series.y, self.confidence).low)

    @property
    def bar(self) -> float:
        """What separates a leak from none: the margin, and for totals of the process at least what may be stray.

        Of the C heap that is what malloc may keep for the threads, of which it tells nobody (docs/adr/0017), and once
        as much for the process, whose libraries take what they keep when they are first used.

        In runs of earlier agents, which let the interpreter keep the names it had looked up, up to 30 objects or blocks
        came from one rest point to the next in each process of healthy servers, and would convict waves of tens.
        """
        if self.is_in_use:
            return self.bar_over(self.span)
        if self.series.kind != "heap" or self.series.is_bytes or not self.stray:
            return self.margin
        stray = self.stray * max(len(self.series.columns), 1)
        return max(self.margin, stray / float(np.median(np.diff(self.series.x))))

    def bar_over(self, connections: float) -> float:
        """Return the bar of what C has in use over so many connections."""
        return max(self.margin, CACHED_PER_THREAD_BYTES * (1 + self.threads) / connections)

    @property
    def is_in_use(self) -> bool:
        """Whether it is what C has in use, of a run in which all else that is in use is counted exactly."""
        return self.series.metric in USED_BY_C and not self.stray

    @property
    def is_exact(self) -> bool:
        """Whether it is counted to the byte: what malloc has given out, where no thread keeps what it has freed."""
        return self.is_in_use and self.series.metric == IN_USE and not self.threads

    @property
    def span(self) -> float:
        """How many connections the fitted points span."""
        return float(self.series.x[-1] - self.series.x[0]) if self.points > 1 else 1.0

    @property
    def is_moving(self) -> bool:
        """Whether any two fitted points differ."""
        return bool(np.ptp(self.series.y) > 0)

    @property
    def is_swinging_unnamed(self) -> bool:
        """Whether it goes up and down inside an object of C, where it has no name: its own cleaning, every so often.

        It has come down from its upper half to its lower half twice at least. What it holds is counted by size.
        """
        if self.stray or not self.series.name.endswith(UNNAMED) or not self.is_moving:
            return False
        is_high = self.series.y > (self.series.y.min() + self.series.y.max()) / 2
        return int(np.sum(is_high[:-1] & ~is_high[1:])) >= FEWEST_SWINGS

    @property
    def is_hoarding(self) -> bool:
        """Whether something is left and nothing ever went: then the slope says more than what is left."""
        readings = np.append(self.series.y, self.series.last)
        return bool(self.series.last > 0 and np.all(np.diff(readings) >= 0))

    @cached_property
    def retained(self) -> float:
        """The most that each connection can have left for good."""
        return retained_bound(self.series, self.alpha)

    @cached_property
    def left_over(self) -> float:
        """The most that each connection can have left for good; of totals, over what stood there before the load.

        That is no proof that nothing leaks, since what went of it would have made room; but against a slope it stands
        where the drain took what the slope would have left.
        """
        drained, unloaded = self.series.drained, self.series.unloaded
        if self.series.kind not in TOTALS or drained is None or unloaded is None:
            return self.retained
        if self.series.y[-1] - drained < (1 - FAR_LESS) * self.surely * self.series.x[-1]:
            return self.retained
        return min(self.retained, gained_bound(self.series, unloaded, self.alpha))

    @property
    def is_disproved(self) -> bool:
        """Whether far less is left for good than the slope would have left: it is emptying still, or was made once.

        What holds for a while all that came shows so steep a slope that what some leave for good may hide in it: where
        much went in the drain, no slope of such waves is a proof. That a second look finds no less tells that it is at
        rest, and no more: a pool keeps its fifty as a leak keeps one in twenty, and another load tells them apart. Of
        held clients none comes, and the second look is all there is. What an earlier drain has disproved stays so.
        """
        earlier = self.series.once()
        if earlier is not None and replace(self, series=earlier).is_disproved:
            return True
        drained, before = self.series.drained, self.series.drained_before
        if drained is not None and self.emptied is not None:  # over the level before: of a total that is much
            return drained - self.emptied.level <= FAR_LESS * self.surely * self.series.x_end
        is_much_gone = self.series.kind not in TOTALS and self.series.gone_share > MUCH_GONE
        if drained is None or (self.left_over > FAR_LESS * self.surely and not is_much_gone):
            return False
        return not self.is_held or before is None or before - drained > self.series.x_end - self.series.x[-1]

    @cached_property
    def emptied(self) -> Emptied | None:
        """When it emptied as the target's clock leapt."""
        return find_emptied(self.series, self.interval.slope, self.readings.pulses)

    @property
    def stay_s(self) -> float | None:
        """How long it stayed after the last connection, by the target's clock: or where that leapt, at most."""
        return self.emptied.by_s if self.emptied and self.emptied.by_s else self.readings.lingered_s

    @cached_property
    def little(self) -> float | None:
        """Little's bound for the declared time-to-live, or for the one that the drain showed."""
        declared = self.bound.ttl_s if self.bound else None
        ttl_s = declared if declared is not None else self.stay_s
        return little_bound(self.readings.rate, ttl_s) if ttl_s and self.readings.rate else None

    @property
    def p_value(self) -> float:
        """How likely a count's slope is as steep, or steeper, if the truth is the margin; 1 for any slope below."""
        interval = self.interval
        excess, below = interval.slope - self.margin, interval.slope - self.surely
        if excess <= 0 or below == 0:
            return float(excess <= 0)
        return float(stats.t.sf(excess / below * student(self.points - 2, 1 - self.alpha), self.points - 2))

    @cached_property
    def is_slowing(self) -> bool:
        """Whether growth ebbs: the later half clearly slower than the earlier, and halving again at the end.

        A leak keeps its rate; a cache, a set of interned names or a warm-up does not.
        """
        if self.series.kind in {"heap", "blocks"} and self.is_fading:
            return True
        if self.tail is None:
            return False
        half = self.points // 2
        head, late = self._half(0, half + 1), self._half(half, self.points)
        if late.high >= head.low:
            return False
        x, y, middle = self.series.x, self.series.y, (half + self.points) // 2
        before = (y[middle] - y[half]) / (x[middle] - x[half])
        return bool((y[-1] - y[middle]) / (x[-1] - x[middle]) < before / 2)

    @property
    def is_fading(self) -> bool:
        """Whether the gains between rest points shrink: by their trend, and surely, to half, or to none to speak of.

        Allocated blocks may convict with nothing else to be seen. On healthy servers they go on rising for many waves
        while the interpreter's caches fill, ever more slowly, and without a break that halves would tell.
        """
        if self.points < FEWEST_POINTS:
            return False
        gains = np.diff(self.series.y) / np.diff(self.series.x)
        at = np.arange(float(len(gains)))
        trend = theil_sen(at, gains)
        first = float(np.median(gains - trend * at))
        last = first + trend * float(at[-1])
        if last <= self.bar:
            return True
        return last <= first / 2 and float(stats.kendalltau(at, gains, alternative="less").pvalue) <= self.alpha

    def _half(self, start: int, stop: int) -> Interval:
        return chance_interval(self.series.x[start:stop], self.series.y[start:stop], self.confidence)

    @property
    def tail_slope(self) -> float:
        """The slope of the later half, or of all of a short series."""
        series = self.tail or self.series
        return theil_sen(series.x, series.y)

    @property
    def per(self) -> Per:
        """What rates are per."""
        return "event" if self.is_held else "connection"

    @property
    def asked_margin(self) -> dict[str, float]:
        """The margin that was asked for, as a value of a ruling, where waves are too small to resolve it."""
        return {"asked_margin": self.margin} if self.bar > self.margin else {}
