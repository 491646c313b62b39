"""The phases of a run, in their order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from soakproof.config import Config
from soakproof.judge import judge_run, waves_needed
from soakproof.judge.resolution import BY_BOUND
from soakproof.judge.restpoints import left_s
from soakproof.judge.verdict import Finding
from soakproof.load.drops import MODES
from soakproof.measure.diagnose import Diagnostician
from soakproof.measure.drain import drain, linger
from soakproof.measure.fastforward import FastForward, rehearse
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Observer
from soakproof.measure.ordering import usual_wave
from soakproof.measure.settle import Ping
from soakproof.measure.soak import Soak
from soakproof.metrickinds import CONTAINERS
from soakproof.run.draining import Drain, are_drains_to_compare, comes_to_rest, is_emptying, is_untouched, plan_drain
from soakproof.samples import Run
from soakproof.target.fakeclock import TargetClock
from soakproof.warningcodes import WarningCode, warn

LINGER_S = 40.0  # longer than a WebSocket's end is waited for, and half a minute of an application's own
AGAIN_SHARE = 0.5  # of the waves come again where two drains are to be compared


class Phases:
    """The phases of a run, each a method, in the order in which `conduct` calls them.

    ``target_clock`` is the target's, where it is moved; ``log`` is what it prints.
    """

    def __init__(
        self,
        config: Config,
        soak: Soak,
        observer: Observer,
        journal: Journal,
        own: Ping,
        ping: Ping,
        target_clock: TargetClock | None = None,
        log: Path | None = None,
    ) -> None:
        self.config = config
        self._target_clock = target_clock
        self._age: Callable[[], None] | None = None
        self._log = log
        self.soak = soak
        self.journal = journal
        self._observer = observer
        self._ping = ping
        self._is_ping_ours = ping != own

    def conduct(self) -> None:
        """Go through all of them."""
        self.soak.prepare(self._ping, may_hurry_sweeps=self._is_ping_ours)
        if self._will_leap:
            rehearse(self.soak, self._observer)
        self.soak.warm_up()
        self.soak.measure(self.config.waves)
        self.journal.write(self._observer.executed())
        self.soak.steady()
        self.extend()
        self.drain()
        self.soak.tell_unreadable()
        self.diagnose()
        self.soak.part()

    def extend(self) -> None:
        """Run more waves where the planned ones leave a finding undecided; once (`soakproof.judge.looks` says why)."""
        needed = waves_needed(self.journal.read(), will_leap=self._will_leap)
        more = min(needed, self.config.wave_limit() - self.config.waves)
        if more > 0:
            self.soak.warn(warn(WarningCode.EXTENDED, waves=self.config.waves, more=more))
            self._forget()
            self.soak.measure(more)

    @property
    def _will_leap(self) -> bool:
        """Whether the target's clock is to leap in the drain."""
        return self.config.fast_forward is not None and self._target_clock is not None

    def drain(self) -> None:
        """Give what grew, or may have, the time to empty by itself; what does is lingering, and no leak.

        All that is counted cheaply is waited for, not only what is open. What a census alone counts may take all of the
        time there is: an event loop of C may keep objects that no registry holds.
        """
        if self._fast_forward():
            return
        draining = self._plan_drain()
        if draining is None:
            return
        drain(self.soak, self.config.drain, draining)
        if self._linger() and not self.config.held and self._are_drains_to_compare():
            self.soak.tell(
                "the drain leaves what may be there for good; the load comes again, to compare what two drains leave"
            )
            self.soak.load_again(math.ceil(AGAIN_SHARE * self.config.waves))
            drain(self.soak, self.config.drain, replace(draining, left_s=None))  # what came now is young
            self._linger()

    def _linger(self) -> bool:
        """Look again while what the drain has emptied for the most part goes on falling: then it is emptying still.

        Return whether it came to rest. Beside a leak that the drain has not touched nothing else is waited for.
        """
        return comes_to_rest(self._left_of_what_empties, partial(linger, self.soak, min(LINGER_S, self.config.drain)))

    def _left_of_what_empties(self) -> dict[str, float]:
        """Return what is left of each metric that empties; nothing beside a leak that the drain has not touched."""
        findings = judge_run(self.journal.read()).findings
        self._forget()
        return {} if is_untouched(findings) else {each.metric: each.last for each in findings if is_emptying(each)}

    def _are_drains_to_compare(self) -> bool:
        """Whether nothing but what a second drain would tell stands between the run and its proof."""
        findings = judge_run(self.journal.read()).findings
        self._forget()
        return are_drains_to_compare(findings)

    def _fast_forward(self) -> bool:
        """Have the target's clock leap, where that is asked for; return whether it did."""
        marks = self.config.fast_forward
        if marks is None or self._target_clock is None:
            return False
        drain = self._plan_drain()
        if drain is None and marks.only_grown:
            return False
        run = self.journal.read()
        owners = grown_owners(run)
        self._forget()
        forward = FastForward(self.soak, self._observer, self.journal, self._target_clock, self._log, left_s(run))
        forward.go(marks, owners, drain)
        self._age = partial(forward.age, marks.seconds[-1])
        return True

    def _plan_drain(self) -> Drain | None:
        """Return what is waited for in the drain; None where nothing is, or no time for it."""
        run = self.journal.read()
        drain = plan_drain(judge_run(run).findings, run) if self.config.drain > 0 else None
        self._forget()
        return drain

    def diagnose(self) -> None:
        """Run the second pass where a leak was found, or where it was asked for."""
        if self.config.trace == "never":
            return
        run = self.journal.read()
        leaks = [finding for finding in judge_run(run).findings if finding.verdict == "leak"]
        suspects = [leak for leak in leaks if leak.is_deciding]
        if suspects or self.config.trace == "always":
            self.soak.announce("second pass")
            self._be_patient()
            usual = usual_wave(self.config)
            diagnostician = Diagnostician(self.soak, usual, self._observer, self.journal, self._age)
            diagnostician.diagnose(suspects, [leak for leak in leaks if is_dragged(leak, run)])

    def _be_patient(self) -> None:
        """Give clients time to answer a target that tracing slows down, where its ping is ours.

        Those that go silent are waited for as long each time: for their sake it stays as short as it is.
        """
        if self._is_ping_ours and not any(MODES[mode].is_silent for mode in self.config.drop):
            self.soak.use_ping(self._ping.while_traced)

    def _forget(self) -> None:
        """Let go of what was read where a rest point of soakproof's own memory follows: it is no leak of ours."""
        if self.config.own_memory:
            self.journal.forget()


def grown_owners(run: Run) -> list[str]:
    """Return the containers that are not bounded so far, or by the most they may hold alone, by their owner paths."""
    containers = (each for each in judge_run(run).findings if each.kind in CONTAINERS)
    grown = [each.metric for each in containers if each.verdict != "bounded" or each.rule in BY_BOUND]
    return sorted({info.owner for metric in grown if (info := run.metrics.get(metric)) and info.owner})


def is_dragged(leak: Finding, run: Run) -> bool:
    """Whether it is a class of the application's that is thought to grow only because a leak drags it along."""
    info = run.metrics.get(leak.metric)
    return not leak.is_deciding and leak.kind == "type" and info is not None and info.origin == "application"
