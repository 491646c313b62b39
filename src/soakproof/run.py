"""One run from options to verdict: the phases in their order, and how each way of failing ends them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from soakproof.assembly import (
    choose_ping,
    make_header,
    make_load,
    make_output_directory,
    make_room,
    make_target,
    point_latest,
    remove_if_unused,
)
from soakproof.config import Config
from soakproof.doctor import preflight
from soakproof.errors import AgentError, InvalidRunError, JournalError, LoadError, TargetError
from soakproof.judge import judge_run, waves_needed
from soakproof.judge.series import above_lowest, lowest_at_rest
from soakproof.judge.verdict import Finding, Verdict
from soakproof.measure.diagnose import Diagnostician
from soakproof.measure.harness import Harness
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Observer, make_clock
from soakproof.measure.ordering import usual_wave
from soakproof.measure.settle import Ping
from soakproof.measure.soak import Narrator, Soak
from soakproof.notices import of_memory, of_ping
from soakproof.samples import End, Run
from soakproof.stopping import stopped_at_the_end
from soakproof.target.started import Target, poll_until

Failure = Literal["target-died", "load-failed", "agent-lost"]
DEATH_SHOWS_S = 1.0
MOST_SHARES = 4


class Outcome(msgspec.Struct):
    """What a run came to: where its files are, what was measured, how it was judged, and whether it was interrupted."""

    out: Path
    run: Run
    verdict: Verdict
    is_interrupted: bool = False


def execute(config: Config, narrator: Narrator) -> Outcome:
    """Carry out a whole run.

    Raises:
        UsageError: it could not begin as it was asked for; nothing was measured.
        InvalidRunError: the target or the load did not come up, so that nothing was measured; or what was measured
            can be written no longer.
    """
    out = make_output_directory(config)
    try:
        return _execute(config, narrator, out)
    finally:
        remove_if_unused(out)


def _execute(config: Config, narrator: Narrator, out: Path) -> Outcome:
    make_room(config)
    target = make_target(config, out)
    harness = Harness(out) if config.own_memory else None
    load = make_load(config, target.url, out, harness.environment() if harness else None)
    # clients first: a server that has none left ends at once
    with stopped_at_the_end(load, target, *([harness] if harness else [])):
        narrator.phase("starting the load")
        load.start()
        narrator.phase("starting the target")
        target.start()
        clock = make_clock()
        observer = Observer(target.links, clock)
        config = warm_each_worker(config, len(observer.links()))
        own, ping = choose_ping(config, observer)
        header = make_header(config, target, ping)
        with Journal(out / "run.jsonl", header) as journal:
            point_latest(out)
            companion = harness.begin(header, clock, config.seed) if harness else None
            soak = Soak(config, target, load, observer, journal, narrator, clock, companion)
            for notice in [*config.note, *of_ping(own, ping), *of_memory(target.links()), *preflight(config.clients)]:
                soak.warn(notice)
            end = _conduct(Phases(config, soak, observer, journal, own, ping), target, observer)
            journal.write(end)
            if harness:
                harness.end(end)
    run = journal.read()
    verdict = judge_run(run)
    return Outcome(out, run, verdict, run.end is not None and run.end.outcome == "interrupted")


def warm_each_worker(config: Config, processes: int) -> Config:
    """Return the options with enough warm-up waves for every worker: of each wave it gets its share alone."""
    return msgspec.structs.replace(config, warmup=config.warmup * min(max(processes, 1), MOST_SHARES))


class Phases:
    """The phases of a run, each a method, in the order in which `conduct` calls them."""

    def __init__(self, config: Config, soak: Soak, observer: Observer, journal: Journal, own: Ping, ping: Ping) -> None:
        self.config = config
        self.soak = soak
        self.journal = journal
        self._observer = observer
        self._ping = ping
        self._is_ping_ours = ping != own

    def conduct(self) -> None:
        """Go through all of them."""
        self.soak.prepare(self._ping, may_end_sweeps=self._is_ping_ours)
        self.soak.warm_up()
        self.soak.measure(self.config.waves)
        self.soak.steady()
        self.extend()
        self.drain()
        self.diagnose()
        self.soak.part()

    def extend(self) -> None:
        """Run more waves where the planned ones leave a finding undecided; once (`soakproof.judge.looks` says why)."""
        more = min(waves_needed(self.journal.read()), self.config.wave_limit() - self.config.waves)
        if more > 0:
            self.soak.warn(f"undecided after {self.config.waves} waves; the run extends itself by {more}")
            self._forget()
            self.soak.measure(more)

    def drain(self) -> None:
        """Give what grew, or may have, the time to empty by itself; what does is lingering, and no leak.

        All that is counted cheaply is waited for, not only what is open: objects go with the registry that holds them.
        What goes up and down and is counted by a census alone may take all of the time there is.
        """
        is_drained = self._find_floors()
        self._forget()
        if is_drained is not None:
            self.soak.drain(self.config.drain, is_drained)

    def _find_floors(self) -> Callable[[dict[str, float]], bool] | None:
        """Return what tells by the counters whether all has emptied; None where nothing is to be waited for."""
        run = self.journal.read()
        opened = [each for each in judge_run(run).findings if each.is_deciding and each.verdict != "bounded"]
        if not opened or self.config.drain <= 0:
            return None
        floors = lowest_at_rest(run)
        restless = {each.metric for each in opened if each.verdict == "inconclusive"} & above_lowest(run) - set(floors)
        return lambda counters: (
            not restless and all(counters.get(name, floor + 1) <= floor for name, floor in floors.items())
        )

    def diagnose(self) -> None:
        """Run the second pass where a leak was found, or where it was asked for."""
        if self.config.trace == "never":
            return
        run = self.journal.read()
        leaks = [finding for finding in judge_run(run).findings if finding.verdict == "leak"]
        suspects = [leak for leak in leaks if leak.is_deciding]
        if suspects or self.config.trace == "always":
            self.soak.announce("second pass")
            diagnostician = Diagnostician(self.soak, usual_wave(self.config), self._observer, self.journal)
            diagnostician.diagnose(suspects, [leak for leak in leaks if is_dragged(leak, run)])

    def _forget(self) -> None:
        """Let go of what was read where a rest point of soakproof's own memory follows: it is no leak of ours."""
        if self.config.own_memory:
            self.journal.forget()


def is_dragged(leak: Finding, run: Run) -> bool:
    """Whether it is a class of the application's that is thought to grow only because a leak drags it along."""
    info = run.metrics.get(leak.metric)
    return not leak.is_deciding and leak.kind == "type" and info is not None and info.origin == "application"


OUTCOMES: dict[type[InvalidRunError], Failure] = {
    TargetError: "target-died",
    LoadError: "load-failed",
    AgentError: "agent-lost",
}


def _conduct(phases: Phases, target: Target, observer: Observer) -> End:
    """Go through the phases and return how they ended; what was measured until a failure stays measured."""
    try:
        phases.conduct()
    except KeyboardInterrupt:
        target.hurry()
        return End(t_s=phases.soak.now(), outcome="interrupted", reason="interrupted by the user")
    except JournalError:  # not even its end can be written
        raise
    except InvalidRunError as error:
        cause = find_cause(error, target, observer)
        return End(t_s=phases.soak.now(), outcome=OUTCOMES[type(cause)], reason=str(cause))
    return End(t_s=phases.soak.now(), outcome="completed")


def find_cause(error: InvalidRunError, target: Target, observer: Observer) -> InvalidRunError:
    """Return the death of the target, or of one that served, where load or agent stumbled over that; else the error."""
    for _ in poll_until(DEATH_SHOWS_S):
        try:
            target.check_alive()
        except TargetError as death:
            return death
        if ended := observer.ended():
            return TargetError(
                f"process {', '.join(map(str, ended))}, which served, has ended while the command goes on; need the "
                "same workers throughout, so turn their recycling off, and see target.log"
            )
    return error
