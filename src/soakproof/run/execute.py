"""One run from options to verdict, and how each way of failing ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from soakproof import late
from soakproof.config import Config
from soakproof.config.repeating import store_options
from soakproof.errors import AgentError, InvalidRunError, JournalError, LoadError, TargetError, UnreachableError
from soakproof.judge import judge_run
from soakproof.judge.verdict import Verdict
from soakproof.load.orders import Load
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.measure.harness import Harness
from soakproof.measure.journal import Journal
from soakproof.measure.narrator import Narrator
from soakproof.measure.observer import Observer, make_clock
from soakproof.measure.soak import Soak
from soakproof.orphans.guard import orphans_ended
from soakproof.run.assembly import (
    choose_ping,
    make_client_options,
    make_header,
    make_load,
    make_room,
    make_target,
    make_target_clock,
)
from soakproof.run.directory import claimed, make_output_directory, point_latest, remove_if_unused
from soakproof.run.memorytab import MemoryTab
from soakproof.run.metricsport import MetricsPort
from soakproof.run.notices import of_clock, of_options, of_ping, of_target
from soakproof.run.phases import Phases
from soakproof.run.presets import fit_preset
from soakproof.run.routes import fit_path
from soakproof.run.servererrors import say_refusal, warn_of_errors
from soakproof.run.stopping import kept_when_interrupted, stopped_at_the_end
from soakproof.samples import AnyRecord, End, Header, Run
from soakproof.target.memorydeaths import MemoryDeaths
from soakproof.target.started import Target, poll_until

Failure = Literal["target-died", "load-failed", "unreachable", "agent-lost"]
Told = Callable[[AnyRecord], None]
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
    with claimed(out):
        try:
            with kept_when_interrupted(out), orphans_ended(), told_at_a_port(config, narrator) as told:
                return _execute(config, narrator, out, told)
        finally:
            remove_if_unused(out)


@contextmanager
def told_at_a_port(config: Config, narrator: Narrator) -> Iterator[Told | None]:
    """Yield what is to hear of each record, where the run is to be told of while it goes on.

    Raises:
        PortTakenError: the port that was given cannot be listened on.
    """
    if config.metrics_port is None:
        yield None
        return
    with MetricsPort(config.metrics_port) as port:
        narrator.note(f"the run is told of at {port.address}")
        yield port.tell


def _execute(config: Config, narrator: Narrator, out: Path, told: Told | None) -> Outcome:
    make_room(config)
    asked_for = store_options(config)
    target_clock = make_target_clock(config, out)
    target = make_target(config, out, target_clock)
    harness = Harness(out) if config.own_memory else None
    load = make_load(config, target.url, out, harness.environment() if harness else None)
    # clients first: a server that has none left ends at once
    with stopped_at_the_end(load, target, *([harness] if harness else [])):
        narrator.phase("starting the load")
        load.start()
        narrator.phase("starting the target")
        late.load_meanwhile()
        target.start()
        config, preset = fit_preset(config, target.links())
        config, of_path = fit_path(config, target.links())
        load.aim(target.url, make_client_options(config))
        clock = make_clock()
        observer = Observer(target.links, clock, target_clock, trims=not config.no_trim)
        config = warm_each_worker(config, observer.most_serving())
        own, ping = choose_ping(config, observer)
        header = make_header(config, target, ping, asked_for)
        with Journal(out / "run.jsonl", header, tell_all(told, make_memory_tab(load, header, narrator))) as journal:
            point_latest(out)
            companion = harness.begin(header, clock, config.seed) if harness else None
            soak = Soak(config, target, load, observer, journal, narrator, clock, companion)
            of_target_and_clock = [*of_target(target.links()), *of_clock(config, target_clock)]
            for warning in [*of_ping(own, ping), *of_options(config, preset, header), *of_path, *of_target_and_clock]:
                soak.warn(warning)
            deaths = MemoryDeaths(link.pid for link in target.links())
            phases = Phases(config, soak, observer, journal, own, ping, target_clock, target.log)
            end = _conduct(phases, target, observer, deaths)
            journal.write(end)
            if harness:
                harness.end(end)
    run = journal.read()
    verdict = judge_run(run)
    return Outcome(out, run, verdict, run.end is not None and run.end.outcome == "interrupted")


def make_memory_tab(load: Load, header: Header, narrator: Narrator) -> Told | None:
    """Return what is to hear of each record for Locust's page, where the load serves one."""
    if not isinstance(load, LocustLoad) or load.page is None:
        return None
    narrator.note(f"Locust's page, and the target's memory: {load.page}")
    return MemoryTab(header, load.show).tell


def tell_all(*told: Told | None) -> Told | None:
    """Return what tells everybody who is to hear; None where nobody is."""
    hearers = [each for each in told if each is not None]
    if len(hearers) <= 1:
        return hearers[0] if hearers else None

    def tell(record: AnyRecord) -> None:
        for hear in hearers:
            hear(record)

    return tell


def warm_each_worker(config: Config, processes: int) -> Config:
    """Return the options with enough warm-up waves for every worker: of each wave it gets its share alone."""
    return msgspec.structs.replace(config, warmup=config.warmup * min(max(processes, 1), MOST_SHARES))


OUTCOMES: dict[type[InvalidRunError], Failure] = {
    TargetError: "target-died",
    LoadError: "load-failed",
    UnreachableError: "unreachable",
    AgentError: "agent-lost",
}


def _conduct(phases: Phases, target: Target, observer: Observer, deaths: MemoryDeaths) -> End:
    """Go through the phases and return how they ended; what was measured until a failure stays measured."""
    try:
        phases.conduct()
        warn_of_errors(phases.soak, phases.journal.read(), target)
    except KeyboardInterrupt:
        target.hurry()
        return End(t_s=phases.soak.now(), outcome="interrupted", reason="interrupted by the user")
    except JournalError:  # not even its end can be written
        raise
    except InvalidRunError as error:
        cause = find_cause(error, target, observer, deaths)
        if isinstance(cause, UnreachableError):
            cause = say_refusal(cause, target, phases.config)
        return End(t_s=phases.soak.now(), outcome=OUTCOMES[type(cause)], reason=str(cause))
    return End(t_s=phases.soak.now(), outcome="completed")


def find_cause(error: InvalidRunError, target: Target, observer: Observer, deaths: MemoryDeaths) -> InvalidRunError:
    """Return the death of the target, or of one that served, where load or agent stumbled over that; else the error."""
    for _ in poll_until(DEATH_SHOWS_S):
        try:
            target.check_alive()
        except TargetError as death:
            return TargetError(f"{death}{deaths.say()}")
        if ended := observer.ended():
            return TargetError(
                f"process {', '.join(map(str, ended))}, which served, has ended while the command goes on; need the "
                f"same workers throughout, so turn their recycling off, and see target.log{deaths.say()}"
            )
    return error
