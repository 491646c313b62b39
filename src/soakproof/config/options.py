"""The options of a run: one type, filled from defaults, a configuration file and the command line, in that order."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import inspect

from soakproof.config.optiontext import (
    parse_auth,
    parse_drops,
    parse_formats,
    parse_headers,
    parse_joins,
    parse_query,
    parse_transports,
)
from soakproof.errors import ConfigError
from soakproof.load.options import Transport
from soakproof.samples import Bound, Margins, Rules
from soakproof.serverurl import parse_url

FILES = ("soakproof.toml", "pyproject.toml")
PORT = "{port}"
PORTS = 65_536
STEADY_S = 10.0
EVENTS_PER_CLIENT = 10


class Written(NamedTuple):
    """How an option is written that is held as another type: as one text, or as texts where it may be repeated."""

    read: Callable[[Any], Any]
    is_repeatable: bool
    default: str


def option(help_text: str, **constraints: Any) -> msgspec.Meta:
    """Describe an option: its help on the command line, and the values that it may take."""
    return msgspec.Meta(description=help_text, **constraints)


def text_option(help_text: str, read: Callable[[str], Any], default: str = "", **constraints: Any) -> msgspec.Meta:
    """Describe an option that is written as text, in a file too, and read by a function."""
    return msgspec.Meta(description=help_text, extra={"written": Written(read, False, default)}, **constraints)  # noqa: FBT003


def texts_option(help_text: str, read: Callable[[list[str]], Any]) -> msgspec.Meta:
    """Describe one that may be repeated."""
    return msgspec.Meta(description=help_text, extra={"written": Written(read, True, "")})  # noqa: FBT003


class Config(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Every option of ``soakproof run``; names are the command line's with underscores. Times in seconds.

    The command line is made from this type (`soakproof.commands.runoptions`), so an option is written once.
    """

    command: list[str] = []
    url: Annotated[str, option("where the target listens; {port} here and in COMMAND becomes a free port")] = (
        f"http://127.0.0.1:{PORT}"
    )
    attach: Annotated[
        str | None, option("instead of COMMAND: the socket of a running server's agent, or the directory of several")
    ] = None
    ready_timeout: Annotated[float, option("seconds the target may take until it listens", gt=0)] = 30.0

    locustfile: Annotated[str | None, option("Locust users of your own; default: the built-in churn user")] = None
    load: Annotated[str | None, option("instead of Locust: a command run once per wave, or once with --held")] = None
    drop: Annotated[
        dict[str, Annotated[float, msgspec.Meta(gt=0)]],
        text_option("drop modes: MODE[=WEIGHT][,MODE...]", parse_drops, "close", min_length=1),
    ] = msgspec.field(default_factory=lambda: {"close": 1.0})
    silent_first: Annotated[
        bool, option("in a wave, who leaves without a word comes and goes first: timeouts run while the others open")
    ] = False
    waves: Annotated[int, option("measured waves", ge=1)] = 10
    clients: Annotated[int, option("clients per wave", ge=1)] = 200
    warmup: Annotated[int, option("waves that are not judged", ge=1)] = 2
    max_waves: Annotated[int | None, option("an undecided run extends itself up to so many; default twice --waves")] = (
        None
    )
    open_rate: Annotated[float | None, option("clients opened per second in a wave; default all within a second")] = (
        None
    )
    steady: Annotated[
        float | None, option("seconds of constant arrivals and departures; default 10, or 0 with --load")
    ] = None
    rate: Annotated[float, option("connections per second in the steady phase", gt=0)] = 50.0
    held: Annotated[bool, option("the same clients stay and work in bursts; growth is per event")] = False
    events: Annotated[
        int | None, option("with --held: events per burst, all clients together; default 10 a client")
    ] = None

    auth: Annotated[Any, text_option("JSON that each client sends on connecting", parse_auth)] = None
    namespace: Annotated[str, option("Socket.IO namespace")] = "/"
    path: Annotated[str, option("path of the Engine.IO endpoint")] = "/socket.io"
    transports: Annotated[
        tuple[Transport, ...],
        text_option(
            "websocket, polling, or both with an upgrade: polling,websocket",
            parse_transports,
            "websocket",
            min_length=1,
        ),
    ] = ("websocket",)
    join: Annotated[
        tuple[tuple[str, Any], ...],
        texts_option(
            'EVENT[=JSON] that each client calls, with ack, after connecting; {"$bytes": BASE64} is binary; repeatable',
            parse_joins,
        ),
    ] = ()
    query: Annotated[
        dict[str, str], texts_option("NAME=VALUE in the query of each connection; repeatable", parse_query)
    ] = {}
    header: Annotated[
        dict[str, str], texts_option("'NAME: VALUE' that each client sends, cookies too; repeatable", parse_headers)
    ] = {}
    serializer: Annotated[Literal["default", "msgpack"], option("how the server writes its packets")] = "default"
    ca: Annotated[str | None, option("PEM file of the authority that signed an https:// target's certificate")] = None
    cert: Annotated[str | None, option("PEM file of certificate and key, where the target asks clients for one")] = None
    client: Annotated[Literal["lean", "reference"], option("soakproof's own client, or python-socketio's")] = "lean"

    workers: Annotated[int, option("Locust worker processes on this machine", ge=0)] = 0
    master_bind: Annotated[str | None, option("HOST:PORT for Locust workers on other hosts")] = None
    expect_workers: Annotated[
        int | None, option("how many Locust workers there are to be, --workers of this machine included")
    ] = None

    keep_ping: Annotated[bool, option("leave the target's ping interval and timeout as they are")] = False
    ping: Annotated[
        Annotated[float, msgspec.Meta(gt=0)] | None,
        option("seconds that the ping interval is shortened to; default 1 per 1,000 clients, or its own with --attach"),
    ] = None
    ping_timeout: Annotated[float, option("seconds that the ping timeout is shortened to, with it", gt=0)] = 5.0
    drain: Annotated[float, option("longest wait for what grew to drain by itself, in seconds", ge=0)] = 65.0
    tick: Annotated[float, option("seconds between samples while the load runs", gt=0)] = 0.5
    trace: Annotated[Literal["never", "leak", "always"], option("when the tracemalloc pass runs")] = "leak"

    out: Annotated[str | None, option("directory of the run; default reports/runs/<UTC time>")] = None
    format: Annotated[
        tuple[str, ...] | None,
        text_option("which reports to write: text,json,md,junit,html,svg,png; default all", parse_formats),
    ] = None
    own_memory: Annotated[bool, option("judge the memory of soakproof itself too, in DIR/harness")] = False
    note: Annotated[list[str], option("a sentence that the reports are to carry; repeatable")] = []
    seed: Annotated[int, option("seed of everything that is drawn by lot")] = 7
    fail_on: Annotated[Literal["leak", "inconclusive"], option("what makes a build red")] = "inconclusive"
    confidence: Annotated[float, option("confidence of the intervals", gt=0.5, lt=1)] = 0.9
    at_rate: Annotated[
        float | None, option("connections per second of your own service: what a leak comes to there")
    ] = None
    margins: Margins = Margins()
    registries: dict[str, Bound] = {}

    def rules(self) -> Rules:
        """Return how the run is to be judged."""
        return Rules(
            margins=self.margins,
            confidence=self.confidence,
            fail_on=self.fail_on,
            bounds=self.registries,
            at_rate=self.at_rate,
        )

    def steady_s(self) -> float:
        """Return how long the steady phase is; a command paces itself, held clients stay: those have none."""
        if self.steady is None:
            return 0.0 if self.load or self.held else STEADY_S
        return self.steady

    def wave_size(self) -> int:
        """Return the clients of a wave, or the events of a burst where clients are held."""
        if not self.held:
            return self.clients
        return EVENTS_PER_CLIENT * self.clients if self.events is None else self.events

    def wave_limit(self) -> int:
        """Return the most waves that the run may extend itself to."""
        return self.max_waves if self.max_waves is not None else 2 * self.waves


def build_config(options: dict[str, Any], config_file: Path | None = None, directory: Path | None = None) -> Config:
    """Put the options of the command line (None where not given) over those of the configuration file.

    Raises:
        ConfigError: an unknown key, a value of the wrong type or out of its range.
    """
    given = {key: value for key, value in options.items() if value is not None and value != []}
    stored = _read_file(config_file, directory or Path.cwd())
    try:
        config = msgspec.convert(read_written({**stored, **given}), Config)
    except msgspec.ValidationError as error:
        raise ConfigError(explain(error)) from error
    _check(config)
    return config


def read_written(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with values in the place of texts; a file may also give the value itself, as TOML has it."""
    written = {field.name: found for field in inspect.type_info(Config).fields if (found := find_written(field))}  # type: ignore[attr-defined]  # a Struct's info has fields
    return {
        name: written[name].read(value) if name in written and is_written(value, written[name]) else value
        for name, value in options.items()
    }


def find_written(field: inspect.Field) -> Written | None:
    """Return how an option is written, None where as what it is."""
    extra = field.type.extra if isinstance(field.type, inspect.Metadata) else None
    return extra.get("written") if extra else None


def is_written(value: Any, written: Written) -> bool:
    """Whether that is text for the option to be read from."""
    if written.is_repeatable:
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    return isinstance(value, str)


def explain(error: msgspec.ValidationError) -> str:
    """Turn ``Expected `int` >= 1 - at `$.max_waves``` into a sentence about the option."""
    what, _, where = str(error).partition(" - at ")
    name = where.strip("`").removeprefix("$.").replace("_", "-") or "options"
    return f"--{name}: {what[:1].lower()}{what[1:].replace('`', '')}; see `soakproof run --help`"


def _read_file(config_file: Path | None, directory: Path) -> dict[str, Any]:
    if config_file is not None:
        return _read_table(config_file, is_asked_for=True)
    for name in FILES:
        table = _read_table(directory / name, is_asked_for=False)
        if table:
            return table
    return {}


def _read_table(file: Path, *, is_asked_for: bool) -> dict[str, Any]:
    try:
        document = tomllib.loads(file.read_text())
    except OSError as error:
        if is_asked_for:
            raise ConfigError(
                f"{file}: {error.strerror}; need a TOML file with the options of `soakproof run`"
            ) from error
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    table = document.get("tool", {}).get("soakproof", {})
    if not table and file.name != "pyproject.toml":
        table = document
    return {_known_key(key, file): value for key, value in table.items()}


def _known_key(key: str, file: Path) -> str:
    name = key.replace("-", "_")
    if name not in Config.__struct_fields__:
        near = difflib.get_close_matches(name, Config.__struct_fields__, n=1)
        hint = f"did you mean {near[0].replace('_', '-')!r}?" if near else "see `soakproof run --help` for the options"
        raise ConfigError(f"{file}: unknown key {key!r}; {hint}")
    return name


def _check(config: Config) -> None:
    """Refuse options that cannot go together, each with what to do."""
    if config.load and config.locustfile:
        raise ConfigError("--load and --locustfile were both given; a run has one load: drop one of them")
    if config.load and config.steady_s():
        raise ConfigError("--load and --steady were both given; a command paces itself: leave --steady out")
    _check_held(config)
    _check_workers(config)
    if config.steady_s() < 0:
        raise ConfigError(f"--steady {config.steady}: need 0 or more seconds")
    if config.at_rate is not None and config.at_rate <= 0:
        raise ConfigError(f"--at-rate {config.at_rate:g}: need connections per second above 0, as in --at-rate 20")
    if config.attach and config.command:
        raise ConfigError("--attach and a COMMAND were both given; a run has one target: drop one of them")
    if not config.attach:
        _check_command(config)
    parse_url(config.url.replace(PORT, "1"))


def _check_held(config: Config) -> None:
    if config.events is not None and not config.held:
        raise ConfigError("--events without --held; a wave is counted in clients: give --held too, or --clients")
    if config.wave_size() < 1:
        raise ConfigError(f"--events {config.events}: need at least 1")
    if config.held and config.steady_s():
        raise ConfigError("--held and --steady were both given; held clients stay, nobody arrives: leave --steady out")
    if config.held and not (config.load or config.locustfile or config.join):
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
        raise ConfigError("no target: put the command that starts your server after `--`, or give --attach SOCKET")
    has_port = any(PORT in word for word in config.command)
    if PORT in config.url and not has_port:
        raise ConfigError(
            f"the command says no {PORT} and --url was not given; need to know where the target listens: "
            f"put {PORT} into the command (a free port goes there), or give --url http://127.0.0.1:8000"
        )
    if has_port and PORT not in config.url:
        raise ConfigError(
            f"the command says {PORT} but --url {config.url} does not; put {PORT} into both, or into neither"
        )
