"""The options of a run: their types, their defaults, their help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from soakproof.config.durations import Marks, parse_marks
from soakproof.config.optiontext import (
    parse_auth,
    parse_drops,
    parse_formats,
    parse_headers,
    parse_joins,
    parse_login,
    parse_query,
    parse_takes,
    parse_transports,
)
from soakproof.load.options import Protocol, Transport
from soakproof.load.visit.login import Login
from soakproof.load.visit.take import Take
from soakproof.plans import Bound, FailOn, Margins, Rules

PORT = "{port}"
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
        str | None,
        option("instead of COMMAND: a running server's pid, its agent's socket, or the directory of several"),
    ] = None
    attach_with: Annotated[
        Literal["gdb"] | None,
        option("with --attach PID of a Python before 3.14: gdb stops it for a moment, and may crash it"),
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

    preset: Annotated[
        str, option("what is known of a framework: its name; auto finds it by the target's imports; none takes none")
    ] = "auto"
    page: Annotated[
        tuple[str, ...],
        texts_option("page that each client gets before its socket, cookies kept; a path or a URL; repeatable", tuple),
    ] = ()
    take: Annotated[
        tuple[Take, ...],
        texts_option(
            "what is taken from the pages: a regex's group, an element's value; then {taken NAME}; repeatable",
            parse_takes,
        ),
    ] = ()
    login: Annotated[
        Login | None,
        text_option("'PATH a=1&b=2' or 'PATH JSON' that each client posts before its socket", parse_login),
    ] = None
    auth: Annotated[Any, text_option("JSON that each client sends on connecting", parse_auth)] = None
    namespace: Annotated[str, option("Socket.IO namespace")] = "/"
    protocol: Annotated[Protocol, option("what clients speak: Socket.IO, or messages over plain WebSockets")] = (
        "socketio"
    )
    path: Annotated[
        str, option("path of the Engine.IO endpoint, or of the plain WebSocket; default /socket.io, or /")
    ] = ""
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
    message: Annotated[
        tuple[str, ...],
        texts_option(
            "with --protocol websocket: text or JSON that each client sends after connecting; repeatable", tuple
        ),
    ] = ()
    query: Annotated[
        dict[str, str], texts_option("NAME=VALUE in the query of each connection; repeatable", parse_query)
    ] = {}
    header: Annotated[
        dict[str, str], texts_option("'NAME: VALUE' that each client sends, cookies too; repeatable", parse_headers)
    ] = {}
    serializer: Annotated[Literal["default", "msgpack"], option("how the server writes its packets")] = "default"
    read_rate: Annotated[
        float, option("bytes per second that a slow reader reads (--drop slow-reader); 0 for none at all", ge=0)
    ] = 0.0
    ca: Annotated[str | None, option("PEM file of the authority that signed an https:// target's certificate")] = None
    cert: Annotated[str | None, option("PEM file of certificate and key, where the target asks clients for one")] = None
    client: Annotated[Literal["lean", "reference"], option("soakproof's own client, or python-socketio's")] = "lean"

    workers: Annotated[int, option("Locust worker processes on this machine", ge=0)] = 0
    master_bind: Annotated[str | None, option("HOST:PORT for Locust workers on other hosts")] = None
    expect_workers: Annotated[
        int | None, option("how many Locust workers there are to be, --workers of this machine included")
    ] = None

    no_trim: Annotated[bool, option("have malloc keep what it holds free at rest points, as in production")] = False
    keep_ping: Annotated[bool, option("leave the target's ping interval and timeout as they are")] = False
    ping: Annotated[
        Annotated[float, msgspec.Meta(gt=0)] | None,
        option("seconds that the ping interval is shortened to; default 1 per 1,000 clients, or its own with --attach"),
    ] = None
    ping_timeout: Annotated[float, option("seconds that the ping timeout is shortened to, with it", gt=0)] = 5.0
    drain: Annotated[float, option("longest wait for what grew to drain by itself, in seconds", ge=0)] = 65.0
    fast_forward: Annotated[
        Marks | None,
        text_option(
            "in the drain the target's clock leaps, to 30 s, 2 min ... up to DURATION, or to the marks named; "
            "auto: only where something grew",
            parse_marks,
        ),
    ] = None
    clock_speed: Annotated[
        float, option("the target's clock runs so many times as fast, all through the run", ge=1, le=1000)
    ] = 1.0
    tick: Annotated[float, option("seconds between samples while the load runs", gt=0)] = 0.5
    trace: Annotated[Literal["never", "leak", "always"], option("when the tracemalloc pass runs")] = "leak"

    out: Annotated[str | None, option("directory of the run; default reports/runs/<UTC time>")] = None
    format: Annotated[
        tuple[str, ...] | None,
        text_option(
            "which reports to write: text,json,md,junit,sarif,speedscope,collapsed,pprof,html,svg,png; default all; "
            "github prints annotations",
            parse_formats,
        ),
    ] = None
    metrics_port: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=65535)] | None,
        option(
            "port of this machine at which Prometheus text tells of the run while it goes on; 0 for any that is free"
        ),
    ] = None
    ui: Annotated[bool, option("serve Locust's own web page while the run goes on, with a Memory tab")] = False
    ui_port: Annotated[
        int, option("port of this machine at which --ui serves it; 0 for any that is free", ge=0, le=65535)
    ] = 8089
    own_memory: Annotated[bool, option("judge the memory of soakproof itself too, in DIR/harness")] = False
    note: Annotated[list[str], option("a sentence that the reports are to carry; repeatable")] = []
    seed: Annotated[int, option("seed of everything that is drawn by lot", ge=0)] = 7
    fail_on: Annotated[
        FailOn, option("what makes a build red: growth is also what the allocator or the collector keeps")
    ] = "inconclusive"
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

    def moves_clock(self) -> bool:
        """Return whether the target's clock is to be moved at all."""
        return self.fast_forward is not None or self.clock_speed > 1

    def wave_limit(self) -> int:
        """Return the most waves that the run may extend itself to."""
        return self.max_waves if self.max_waves is not None else 2 * self.waves
