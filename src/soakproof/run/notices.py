"""What the report must say about how a run was measured, before its first reading."""

from __future__ import annotations

from collections.abc import Iterator

from soakproof.config import Config
from soakproof.config.presets import load_presets
from soakproof.doctor import preflight
from soakproof.judge.power import warn_of_power
from soakproof.measure.settle import Ping
from soakproof.samples import Header
from soakproof.target.fakeclock import TargetClock
from soakproof.target.link import AgentLink
from soakproof.target.preloading import INSTALL
from soakproof.target.residence import is_here
from soakproof.warningcodes import RunWarning, WarningCode, warn
from soakproof.wording.interpreters import caveat_of

SLOW_PING_S = 5.0


def of_options(config: Config, preset: str | None, header: Header) -> Iterator[RunWarning]:
    """Say what the user has to say, which preset was taken, and what the options or the machine cannot do."""
    yield from (warn(WarningCode.TEXT, text=note) for note in config.note)
    yield from of_preset(preset)
    yield from preflight(config.clients)
    yield from warn_of_power(header.plan, header.rules, config.wave_size(), config.wave_limit())


def of_target(links: list[AgentLink]) -> Iterator[RunWarning]:
    """Say what limits the readings of the target's processes."""
    yield from of_memory(links)
    yield from of_heap(links)
    yield from of_pythons(links)


def of_clock(config: Config, clock: TargetClock | None) -> Iterator[RunWarning]:
    """Warn that the target's clock runs fast, or that it could not be moved."""
    if config.clock_speed > 1:
        yield warn(WarningCode.CLOCK_RUNS_FAST, speed=config.clock_speed)
    if config.moves_clock() and clock is None:
        yield warn(WarningCode.CLOCK_NOT_MOVED, install=INSTALL)


def of_preset(name: str | None) -> Iterator[RunWarning]:
    """Say which preset was taken."""
    if name is not None:
        yield warn(WarningCode.PRESET, name=name, about=load_presets()[name].about)


def of_ping(own: Ping, ping: Ping) -> Iterator[RunWarning]:
    """Warn that the target's ping is not its own, or that its own makes each rest point wait."""
    if ping != own:
        yield warn(
            WarningCode.PING_SHORTENED,
            own_interval_s=own.interval_s,
            interval_s=ping.interval_s,
            own_timeout_s=own.timeout_s,
            timeout_s=ping.timeout_s,
        )
    elif own.interval_s > SLOW_PING_S:
        yield warn(WarningCode.PING_KEPT, interval_s=own.interval_s)


def of_memory(links: list[AgentLink]) -> Iterator[RunWarning]:
    """Warn whose memory is read by the process itself, because it is not to be seen from here."""
    pids: list[int | str] = [link.pid for link in links if not is_here(link)]
    if pids:
        yield warn(WarningCode.MEMORY_READ_INSIDE, pids=pids)


def of_heap(links: list[AgentLink]) -> Iterator[RunWarning]:
    """Warn whose C heap is not read, because what that needs would stay in a process that was only visited."""
    pids: list[int | str] = [link.pid for link in links if link.hello.get("spares_ctypes")]
    if pids:
        yield warn(WarningCode.HEAP_NOT_READ, pids=pids)


def of_pythons(links: list[AgentLink]) -> Iterator[RunWarning]:
    """Warn of what limits the readings under a Python that a process of the target runs on."""
    versions = sorted({str(link.hello.get("python", "")) for link in links})
    yield from (warn(WarningCode.PYTHON, version=version) for version in versions if caveat_of(version))
