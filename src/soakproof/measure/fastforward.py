"""Fast-forward: in the drain the target's clock leaps, step by step, and what empties by age alone empties (ADR 150).

Each step ends at a mark, so long after the load's end by the target's time. Most of the way is leapt; the last part is
run through at many times the speed, so that what happens every few minutes happens in its order, and what a scheduler
would call missed is not: a timer that is late by a millisecond is late by a fifth of a second then, and on a busy
machine, where it is late by more, the clock runs slower.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from soakproof.config.durations import Marks
from soakproof.culprits import Site
from soakproof.errors import AgentError
from soakproof.measure.drain import Draining
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Observer
from soakproof.measure.ordering import PULSE
from soakproof.measure.soak import Soak
from soakproof.samples import Emptied, Leap, Phase, Wave
from soakproof.target.fakeclock import TargetClock, fastest_rate
from soakproof.target.link import AgentLink
from soakproof.target.logged import count_errors

TRIALS, TRIAL_S = 40, 0.002  # of how late who sleeps goes on
ANSWERS = 20
RUN_SHARE = 0.1  # of the way to a mark is run through, in front of it, and behind the last
LONGEST_RUN_S = 600.0
SHORTEST_RUN_S = 1.0  # in true time, in which the target is looked at ten times: slower than could be to near marks
STILL_S = 0.4
LONGEST_WAIT_S = 3.0
MOST_SITES = 3
ANY_CONTAINER = "sys:modules"  # of which nothing is taken out
FASTEST_OF_WORKERS = 60.0  # at 200 times, while lines are followed, an answer took longer than that in 4 of 10 runs
FEW = 8  # entries per client of the pulses, at most, for what is left to be taken for theirs

Counters = dict[str, float]
IsDrained = Callable[[Counters], bool]


class FastForward:
    """Moves a target's clock through the marks of a run, with a pulse of clients after each.

    ``left_s`` is when the load's last connection ended, by the run's own clock.
    """

    def __init__(
        self, soak: Soak, observer: Observer, journal: Journal, clock: TargetClock, log: Path | None, left_s: float
    ) -> None:
        self._soak = soak
        self._observer = observer
        self._journal = journal
        self._clock = clock
        self._log = log
        self._left_s = left_s
        self._phase: Phase = "drain"
        self._ahead_first_s = clock.ahead_s()
        self._errors = self._count_errors()
        self._known = frozenset(self._errors)

    def go(self, marks: Marks, owners: list[str], draining: Draining | None) -> None:
        """Go through the marks, and read the target at each; ``draining`` tells by the counters whether all is empty.

        Where only what grew matters, that is the end. Where what is left at last may be of the pulses, one more leap,
        as long as all before, tells.
        """
        self._soak.announce("fast-forward")
        self._soak.read("drain")
        self._follow(owners)
        is_empty, pulsed = False, 0
        is_over = draining.is_empty if draining is not None and marks.only_grown else None
        for mark_s in marks.seconds:
            is_empty = self._step(mark_s, is_last=mark_s == marks.seconds[-1], is_over=is_over)
            if is_empty:
                break
            pulsed += PULSE
        last_s = marks.seconds[-1]
        if draining is not None and not is_empty and self._may_be_of_pulses(draining, pulsed):
            self._advance(2 * last_s, behind_s=0.0)
            self._note(2 * last_s)
        self._tell_who(owners)
        self._soak.settle_and_read("drain", None)

    def _step(self, mark_s: float, *, is_last: bool, is_over: IsDrained | None) -> bool:
        """Move on to a mark, and have clients come there; return whether that is not needed, as it is over."""
        counters = self._advance(mark_s, behind_s=min(RUN_SHARE * mark_s, LONGEST_RUN_S) if is_last else 0.0)
        if is_over and is_over(counters):
            self._note(mark_s)
            return True
        self._note(mark_s, self._pulse())
        self._soak.read("drain")
        return False

    def age(self, seconds: float) -> None:
        """In the second pass, have all that is in the target grow older by so much: what empties with time is empty."""
        self._phase = "trace"
        self._advance(self.since_s() + seconds, behind_s=0.0)

    def since_s(self) -> float:
        """Return how long ago the last connection of the load ended, by the target's clock."""
        return self._soak.now() - self._left_s + self._clock.ahead_s() - self._ahead_first_s

    def _advance(self, mark_s: float, *, behind_s: float) -> Counters:
        """Move the clock to a mark, and a little behind it; return the counters once they stand still."""
        before_s = min(RUN_SHARE * mark_s, LONGEST_RUN_S)
        leap_s = mark_s - before_s - self.since_s()
        if leap_s > 0:
            self._clock.leap(leap_s)
        self._clock.run_at(min(max(before_s / SHORTEST_RUN_S, 1.0), self._fastest_rate()))
        while self.since_s() < mark_s + behind_s:
            self._look()
        self._clock.run_at(1.0)
        return self._await_still()

    def _fastest_rate(self) -> float:
        """Return how many times as fast the clock may go: whoever is late needs the machine, and its interpreter.

        Where there are several workers somebody asks whether they are alive, and gives up after five seconds (uvicorn).
        """
        links = self._observer.links()
        rate = fastest_rate(max([measure_lateness(), *map(measure_answer, links)]))
        return min(rate, FASTEST_OF_WORKERS) if len(links) > 1 else rate

    def _await_still(self) -> Counters:
        """Wait until the counters stand still, or for long enough."""
        began_s = still_s = self._soak.now()
        counters = self._look()
        while self._soak.now() - still_s < STILL_S and self._soak.now() - began_s < LONGEST_WAIT_S:
            before, counters = counters, self._look()
            if counters != before:
                still_s = self._soak.now()
        return counters

    def _look(self) -> Counters:
        """Read the target once; what has started since the clock was moved is woken too."""
        self._clock.wake()
        return self._soak.wait_a_moment(self._left_s, self._phase)

    def _pulse(self) -> Wave:
        """Have a few clients come and go: some servers only clean up then."""
        wave = self._soak.pulse()
        self._await_still()
        return wave

    def _may_be_of_pulses(self, draining: Draining, pulsed: int) -> bool:
        """Whether a counter is not down, and holds no more than the few clients of the pulses may have left."""
        counters = self._observer.counters()
        without = {name: value - FEW * pulsed for name, value in counters.items()}
        return not draining.are_down(counters) and draining.are_down(without)

    def _note(self, mark_s: float, pulse: Wave | None = None) -> None:
        """Write down that the clock stands at a mark, and what went wrong on the way."""
        before, self._errors = self._errors, self._count_errors()
        fresh = {error: times for error, times in (self._errors - before).items() if error not in self._known}
        self._journal.write(
            Leap(
                t_s=self._soak.now(),
                mark_s=mark_s,
                ahead_s=self._observer.ahead_s(),
                failures=pulse.failures if pulse else 0,
                errors=fresh | (pulse.errors if pulse else {}),
            )
        )

    def _count_errors(self) -> Counter[str]:
        counted = count_errors(self._log) if self._log else Counter()
        by_place: Counter[str] = Counter()
        for each, times in counted.items():
            by_place[f"{each.error}, raised at {each.place}" if each.place else each.error] += times
        return by_place

    def _follow(self, owners: list[str]) -> None:
        """Have the agents note who takes entries out of the containers that grew."""
        for link in self._observer.links() if owners else []:
            try:
                link.request("follow", owners=owners, empties=True)
            except AgentError as error:
                self._soak.tell(f"who empties what is not followed: {error}")

    def _tell_who(self, owners: list[str]) -> None:
        """Write down who took entries out, of each container."""
        answers = [link.request("followed") for link in self._observer.links() if owners]
        for owner in owners:
            by: Counter[str] = Counter()
            sites: Counter[tuple[str, int, str, str]] = Counter()
            for answer in answers:
                by.update(answer.get("by", {}).get(owner, {}))
                for site in answer["owners"].get(owner, []):
                    sites[site_key(site)] += site["count"]
            found = [to_site(*each) for each in sites.most_common(MOST_SITES)]
            if found and by:
                self._journal.write(
                    Emptied(
                        owner=owner, by=by.most_common(1)[0][0], sites=[to_site(*each) for each in sites.most_common(3)]
                    )
                )


def measure_lateness() -> float:
    """Return how late one that sleeps goes on, in seconds, at the worst of a few times but one."""
    late = []
    for _ in range(TRIALS):
        began_s = time.perf_counter()
        time.sleep(TRIAL_S)
        late.append(time.perf_counter() - began_s - TRIAL_S)
    return sorted(late)[-2]


def measure_answer(link: AgentLink) -> float:
    """Return how long a process takes to answer when it is asked for little, at the worst of a few times but one."""
    took = []
    for _ in range(ANSWERS):
        began_s = time.perf_counter()
        link.request("imported", modules=[])
        took.append(time.perf_counter() - began_s)
    return sorted(took)[-2]


def rehearse(soak: Soak, observer: Observer) -> None:
    """Have a few clients come and look once while lines are followed: what following takes of memory is taken then.

    That is some hundred blocks for good, of Python's, for the code that ran meanwhile, the agent's too.
    """
    links = observer.links()
    with suppress(AgentError):
        for link in links:
            link.request("follow", owners=[ANY_CONTAINER], empties=True)
        soak.pulse()
    for link in links:
        with suppress(AgentError):  # for want of memory it does not look
            link.request("census", rehearse=True, collect=True, trim=True)
        with suppress(AgentError):
            link.request("followed")


def site_key(site: dict[str, Any]) -> tuple[str, int, str, str]:
    """Return what tells one line from another, and what stands there."""
    return str(site["file"]), int(site["line"]), str(site.get("function", "")), str(site.get("source", ""))


def to_site(key: tuple[str, int, str, str], entries: int) -> Site:
    """Return a line that took out so many entries."""
    file, line, function, source = key
    return Site(file=file, line=line, function=function, source=source, role="empties", entries=entries)
