"""Assembly: from options to the parts of a run: its target, load, ping and header."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soakproof import __version__
from soakproof.agent.objects.masking import mask, mask_command
from soakproof.config import Config
from soakproof.config.presets import names_taken
from soakproof.errors import ConfigError
from soakproof.load.clients.tlscontext import make_context
from soakproof.load.drops import check_held_modes, check_modes
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Load
from soakproof.load.processes.command_load import CommandLoad
from soakproof.load.processes.held_command_load import HeldCommandLoad
from soakproof.load.processes.limits import check_fds, raise_fd_limit
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.measure.observer import Observer
from soakproof.measure.settle import Ping
from soakproof.plans import Plan, TargetInfo
from soakproof.run.revision import find_commit
from soakproof.samples import Header
from soakproof.serverurl import parse_url
from soakproof.target.attached import AttachedTarget
from soakproof.target.fakeclock import TargetClock
from soakproof.target.link import AgentLink
from soakproof.target.memorylimit import read_memory_limit
from soakproof.target.preloading import INSTALL, check_preloadable, find_libfaketime
from soakproof.target.started import StartedTarget, Target
from soakproof.target.visited import VisitedTarget

PING_S = 1.0
PINGS_PER_S = 1000.0  # of all clients together: each takes a Python server 0.3 ms, and it has other things to do


def make_room(config: Config) -> None:
    """Raise the limit on open files, which target and load inherit, and see that a wave fits into it.

    Raises:
        LoadError: it does not.
    """
    check_fds(config.clients, raise_fd_limit())


def make_target_clock(config: Config, out: Path) -> TargetClock | None:
    """Return the target's clock where it is to be moved, None where it stays true.

    Raises:
        ConfigError: it cannot be moved.
    """
    if not config.moves_clock():
        return None
    check_preloadable(config.command, os.environ)
    library = find_libfaketime()
    if library is None and config.fast_forward and config.fast_forward.only_grown:
        return None
    if library is None:
        raise ConfigError(
            f"libfaketime is not on this machine, which moves the target's clock; need {INSTALL}, or leave "
            "--fast-forward and --clock-speed out"
        )
    return TargetClock(library, out.resolve() / "target-clock", config.clock_speed)


def make_target(config: Config, out: Path, clock: TargetClock | None = None) -> Target:
    """Return the target that the options ask for, not started yet."""
    if config.attach and config.attach.isdecimal():
        return VisitedTarget(int(config.attach), config.url, by_debugger=config.attach_with == "gdb")
    if config.attach:
        return AttachedTarget(Path(config.attach), config.url)
    return StartedTarget(config.command, config.url, out / "target.log", config.ready_timeout, clock)


def make_load(config: Config, url: str, out: Path, environment: dict[str, str] | None = None) -> Load:
    """Return the load that the options ask for, not started yet; Locust gets an ``environment`` other than ours.

    Raises:
        ConfigError: a drop mode or a transport that does not exist.
    """
    log = out / "locust.log"
    log.touch()
    if config.load:
        kind = HeldCommandLoad if config.held else CommandLoad
        return kind(config.load, url, parse_url(url).port, log)
    options = make_client_options(config, names_taken(config))
    if config.held:
        check_held_modes(config.drop)
    return LocustLoad(
        url,
        log,
        locustfile=config.locustfile,
        options=options,
        workers=config.workers,
        expect_workers=config.expect_workers or 0,
        master_bind=config.master_bind,
        ui_port=config.ui_port if config.ui else None,
        environment=environment,
    )


def make_client_options(config: Config, yet_to_come: Collection[str] = ()) -> ClientOptions:
    """Return how the clients connect, and what they do first.

    Args:
        config: the options, or as many as are known.
        yet_to_come: names under which a preset that is not chosen yet may take values.

    Raises:
        ConfigError: a file with certificates cannot be read.
    """
    make_context(config.ca, config.cert)
    options = ClientOptions(
        auth=config.auth,
        namespace=config.namespace,
        protocol=config.protocol,
        path=config.path,
        transports=config.transports,
        joins=config.join,
        messages=config.message,
        query=config.query,
        headers=config.header,
        client=config.client,
        serializer=config.serializer,
        ca=_absolute(config.ca),
        cert=_absolute(config.cert),
        pages=config.page,
        takes=config.take,
        login=config.login,
        read_rate=config.read_rate,
    )
    options.check_placeholders(yet_to_come)
    check_modes(config.drop, options.client, options.serializer, options.protocol)
    return options


def _absolute(file: str | None) -> str | None:
    return None if file is None else str(Path(file).resolve())


def choose_ping(config: Config, observer: Observer) -> tuple[Ping, Ping]:
    """Shorten the target's ping so that waves settle, unless it is to be kept; return its own, and that in force.

    The ping of a server that others may be using is left alone until asked for. Large crowds are pinged less often.
    """
    if (
        config.protocol == "websocket"
    ):  # whose servers ping as they do, if at all: there is nothing to shorten, or to say
        return (brief := Ping(interval_s=PING_S, timeout_s=config.ping_timeout)), brief
    own = read_ping(observer.links())
    wanted_s = config.ping or (own.interval_s if config.attach else max(PING_S, config.clients / PINGS_PER_S))
    if config.keep_ping or (own.interval_s <= wanted_s and config.clock_speed == 1):
        by_ours = Ping(interval_s=own.interval_s / config.clock_speed, timeout_s=own.timeout_s / config.clock_speed)
        return by_ours, by_ours
    short = Ping(interval_s=wanted_s, timeout_s=min(config.ping_timeout, own.timeout_s))
    observer.set_ping(short.interval_s, short.timeout_s)
    return own, short


def read_ping(links: list[AgentLink]) -> Ping:
    """Return the slowest ping of the target's Engine.IO servers; Engine.IO's defaults where none shows."""
    engines = [engine for link in links for engine in link.hello.get("engines", [])]
    if not engines:
        return Ping()
    return Ping(
        interval_s=max(float(engine["ping_interval_s"]) for engine in engines),
        timeout_s=max(float(engine["ping_timeout_s"]) for engine in engines),
    )


def may_cache(link: AgentLink) -> bool:
    """Whether threads of a process may keep what they have freed, which malloc takes for in use."""
    return bool(link.request("malloc").get("caches", True))


def make_header(config: Config, target: Target, ping: Ping, options: dict[str, Any]) -> Header:
    """Return the first record of the run; ``options`` are those that it was asked for."""
    links = target.links()
    hello = links[0].hello if links else {}
    return Header(
        soakproof=__version__,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=config.seed,
        target=TargetInfo(
            command=mask_command(target.command),
            url=mask(target.url),
            python=str(hello.get("python", platform.python_version())),
            versions=dict(hello.get("versions", {})),
            pids=[link.pid for link in links],
            ping_interval_s=ping.interval_s,
            ping_timeout_s=ping.timeout_s,
            memory_limit=read_memory_limit(links[0].pid) if links else None,
            has_thread_caches=not links or any(map(may_cache, links)),
        ),
        plan=Plan(
            waves=config.waves,
            clients=config.clients,
            warmup=config.warmup,
            steady_s=config.steady_s(),
            rate=config.rate,
            drops=config.drop,
            is_held=config.held,
            load=mask(config.load) if config.load else "locust",
            locustfile=config.locustfile,
            drain_s=config.drain,
        ),
        rules=config.rules(),
        options=options,
        commit=find_commit(),
    )
