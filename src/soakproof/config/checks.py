"""Which options cannot go together."""

from __future__ import annotations

from soakproof.config.options import PORT, Config
from soakproof.config.presets import check_name
from soakproof.errors import ConfigError
from soakproof.serverurl import parse_url

PORTS = 65_536


def check(config: Config) -> None:
    """Refuse options that cannot go together, each with what to do.

    Raises:
        ConfigError: there are some.
    """
    if config.load and config.locustfile:
        raise ConfigError("--load and --locustfile were both given; a run has one load: drop one of them")
    if config.load and config.steady_s():
        raise ConfigError("--load and --steady were both given; a command paces itself: leave --steady out")
    if config.load and config.ui:
        raise ConfigError("--load and --ui were both given; a command has no page of Locust's: leave one of them out")
    _check_held(config)
    _check_workers(config)
    if config.steady_s() < 0:
        raise ConfigError(f"--steady {config.steady}: need 0 or more seconds")
    if config.at_rate is not None and config.at_rate <= 0:
        raise ConfigError(f"--at-rate {config.at_rate:g}: need connections per second above 0, as in --at-rate 20")
    if config.attach and config.command:
        raise ConfigError("--attach and a COMMAND were both given; a run has one target: drop one of them")
    if config.attach_with and not (config.attach and config.attach.isdecimal()):
        raise ConfigError(f"--attach-with {config.attach_with}: need --attach PID too, the pid of a running server")
    if not config.attach:
        _check_command(config)
    parse_url(config.url.replace(PORT, "1"))
    _check_visit(config)
    _check_clock(config)
    check_name(config.preset)


def _check_visit(config: Config) -> None:
    if config.load and (config.page or config.take or config.login):
        raise ConfigError("--load with --page, --take or --login; a command connects as it does: leave them out")
    if config.take and not (config.page or config.login):
        raise ConfigError(f"{config.take[0]}: there is no page to take it from; need --page URL too")


def _check_clock(config: Config) -> None:
    option = "--fast-forward" if config.fast_forward else "--clock-speed"
    if config.moves_clock() and config.attach:
        raise ConfigError(
            f"{option} with --attach {config.attach}; what moves a clock is loaded when a process starts, and this one "
            "runs already: give the COMMAND that starts the server instead"
        )
    if config.fast_forward and config.clock_speed > 1:
        raise ConfigError("--fast-forward and --clock-speed were both given; a clock is moved one way: drop one")
    if config.fast_forward and config.held:
        raise ConfigError(
            "--fast-forward and --held were both given; clients that stay would miss their pings when the clock leaps: "
            "drop one of them"
        )


def _check_held(config: Config) -> None:
    if config.events is not None and not config.held:
        raise ConfigError("--events without --held; a wave is counted in clients: give --held too, or --clients")
    if config.wave_size() < 1:
        raise ConfigError(f"--events {config.events}: need at least 1")
    if config.held and config.steady_s():
        raise ConfigError("--held and --steady were both given; held clients stay, nobody arrives: leave --steady out")
    if config.held and not (config.load or config.locustfile or config.join or config.message):
        raise ConfigError(
            "--held without --join; the built-in clients would have nothing to send: "
            "name an event with --join EVENT[=JSON], or Locust users of your own with --locustfile"
        )


def _check_workers(config: Config) -> None:
    if config.load and (config.workers or config.expect_workers or config.master_bind):
        raise ConfigError("--load and Locust workers were both asked for; a run has one load: drop one of them")
    expected = config.workers if config.expect_workers is None else config.expect_workers
    if expected < config.workers:
        raise ConfigError(
            f"--expect-workers {expected} with --workers {config.workers}; those of this machine count too: "
            f"need at least {config.workers}"
        )
    if expected > config.workers and not config.master_bind:
        raise ConfigError(
            f"--expect-workers {expected} without --master-bind; workers on other hosts need an address to come to: "
            "give --master-bind HOST:PORT"
        )
    if config.master_bind:
        _check_bind(config.master_bind)
        if not expected:
            raise ConfigError(f"--master-bind {config.master_bind}: need --expect-workers N too")


def _check_bind(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < PORTS:
        raise ConfigError(f"--master-bind {address}: need HOST:PORT, as in 0.0.0.0:5557")


def _check_command(config: Config) -> None:
    if not config.command:
        raise ConfigError(
            "no target: put the command that starts your server after `--`, or give --attach PID or SOCKET"
        )
    has_port = any(PORT in word for word in config.command)
    if has_port and PORT not in config.url:
        raise ConfigError(
            f"the command says {PORT} but --url {config.url} does not; put {PORT} into both, or into neither"
        )
