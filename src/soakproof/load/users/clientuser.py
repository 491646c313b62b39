"""ClientUser: a Locust user that is a client with one connection, and what it may do before it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import gevent
from locust import User
from locust.user.task import LOCUST_STATE_WAITING
from requests import Response
from socketio import packet as _packet  # noqa: F401  # which takes a second to load: not in the middle of a wave

from soakproof.load.clients.errors import ClientError, LostError
from soakproof.load.drops import MODES, check_modes
from soakproof.load.drops.mode import DropMode
from soakproof.load.options import ClientOptions, Protocol
from soakproof.load.users.counts import counts_of
from soakproof.load.users.http import Http
from soakproof.load.visit.browser import Browser
from soakproof.load.visit.identity import Identity
from soakproof.load.visit.introduction import Visitor
from soakproof.load.visit.login import Login
from soakproof.load.visit.personal import make_personal
from soakproof.load.visit.take import parse_takes

FOREVER_S = 1e8


class ClientUser(User):  # type: ignore[misc]  # Locust carries no types
    """A user's life: `on_start` connects, the tasks run, `on_stop` drops the connection.

    Failures raise a `ClientError` and are counted by Locust.

    Attributes:
        host: URL of the server; http, https, ws or wss.
        options: How to connect, and what to do before (`soakproof.load.options.ClientOptions`).
        drops: Drop modes and their weights, where soakproof does not deal them out itself.
        connects_on_start: Whether `on_start` connects; where not, a task calls `connect`.
        protocol: What it speaks; None for what the options say.
        has_worked: Whether a task has been done.
        sio: The client while there is a connection, else None.
    """

    abstract = True
    options = ClientOptions()
    drops: dict[str, float] = {"close": 1.0}  # noqa: RUF012  # Locust's classes are configured by plain attributes
    connects_on_start = True
    protocol: ClassVar[Protocol | None] = None

    def __init__(self, environment: Any) -> None:
        self.has_worked = False
        super().__init__(environment)
        self._current = counts_of(environment)
        self._intended_s: float | None = None
        self._mode: DropMode[Any] | None = None
        self._number: tuple[int, int] | None = None
        self._changes: dict[str, Any] = {}
        self._identity: Identity | None = None
        self._browser: Browser | None = None
        self._visitor: Visitor | None = None
        self.sio: Any = None

    @property
    def _state(self) -> str | None:
        """Locust's state of the user. It says WAITING after each task, of whatever task set: the user has worked."""
        return self._locust_state

    @_state.setter
    def _state(self, state: str | None) -> None:
        self._locust_state = state
        if state == LOCUST_STATE_WAITING:
            self.has_worked = True

    @property
    def mode(self) -> DropMode[Any]:
        """How this user will leave; drawn by ``drops``, unless the driver has said it."""
        if self._mode is None:
            check_modes(self.drops, self.options.client, self.options.serializer, self._protocol)
            names = list(self.drops)
            if len(names) > 1:
                names = random.choices(names, list(self.drops.values()))  # noqa: S311  # a load's dice
            self._mode = MODES[names[0]]
        return self._mode

    @property
    def identity(self) -> Identity:
        """Who this client is: ``identity.fill("{uuid}")`` fills in, ``identity.taken`` is what was taken from pages."""
        if self._identity is None:
            number, wave = self._number or (self._current.next_number(), 0)
            self._identity = Identity(self.host or "", number, wave)
        return self._identity

    @property
    def http(self) -> Http:
        """Requests to ``host``, with the cookies that this client has been given."""
        return Http(self._get_browser(), self._measure)

    def assign(self, mode: str, intended_s: float, number: int, wave: int) -> None:
        """Take from the driver how to leave, when to have begun, and who to be.

        Args:
            mode: Name of a drop mode.
            intended_s: When this life should have begun, in seconds of ``time.perf_counter``.
            number: The number of this client in its wave, from 1.
            wave: The number of the wave.
        """
        self._mode = MODES[mode]
        self._intended_s = intended_s
        self._number = number, wave

    def on_start(self) -> None:
        """Connect, unless the class says ``connects_on_start = False``."""
        if self.connects_on_start:
            self.connect()

    def on_stop(self) -> None:
        """Drop the connection. It is dropped after this, if an override does not."""
        self.drop()

    def run(self) -> None:
        """Live, and leave nothing behind."""
        try:
            if self.mode.is_admitted:
                super().run()
            else:
                self._run_handshake_only()
        except ClientError:
            pass  # it was counted where it was raised; this life is over
        finally:
            self.drop()
            self._taskset_instance = None  # a cycle the collector would have to find, for every connection there was

    def page(self, path: str = "/", take: Mapping[str, str] | None = None) -> Response:
        """Get a page as a browser does, keep its cookies, and take tokens from it.

        Args:
            path: Path and query, or a URL of the same host; placeholders are filled in.
            take: Tokens by name, and where each is found, as ``--take`` says it: from then on ``{taken NAME}`` stands
                for one, and ``identity.taken[NAME]`` holds it.

        Returns:
            The answer.

        Raises:
            PageError: It is not there, is on another host, or does not hold just one of what is to be taken.
        """
        takes = parse_takes(take)
        answer = self._get_visitor().get(path, takes)
        self._get_visitor().check_taken(takes)
        return answer

    def login(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        take: Mapping[str, str] | None = None,
    ) -> Response:
        """Post a login, and keep the cookies of the answer; placeholders are filled in.

        Args:
            path: Path and query.
            form: The fields of a form; None to send JSON.
            json: The body where it is JSON.
            take: Tokens to be taken from the answer, as `page` takes them.

        Returns:
            The answer, that of the page it redirects to.

        Raises:
            PageError: It was not accepted, or the answer does not hold just one of what is to be taken.
        """
        takes = parse_takes(take)
        answer = self._get_visitor().post(
            Login(path, json if form is None else dict(form), is_json=form is None), takes
        )
        self._get_visitor().check_taken(takes)
        return answer

    def connect(self, **changes: Any) -> None:
        """Connect to ``host``; the time taken counts from when it should have begun.

        What the options say is to be done before comes first, once in a life.

        Args:
            changes: To the options, for this connection: ``auth=...``, ``path=...``; those of ``query`` and
                ``headers`` are added to what the options say. Placeholders are filled in.

        Raises:
            ConnectError: No connection came about within ``options.timeout_s``.
            RefusedError: The server refused the namespace.
            PageError: What comes before the connection failed.
        """
        self._changes = changes
        options = self.options.with_changes({"protocol": self._protocol, **changes})
        if options.is_introduced and self._visitor is None:
            self._get_visitor().introduce(options)
            self._intended_s = None
        started_s, self._intended_s = self._intended_s or time.perf_counter(), None
        client = self.mode.make(self.host or "", self._fill(options), self._on_lost)
        name = "connect" if self.mode.is_admitted else f"connect ({self.mode.name})"
        try:
            client.connect()
        except ClientError as error:
            self._fire("WS", name, started_s, error=self._hide(error))
            raise
        self.sio = client
        self._current.counts.count_open(time.perf_counter() - started_s)
        self._fire("WS", name, started_s)

    def drop(self, mode: str | None = None) -> None:
        """Leave the server; nothing if there is no connection.

        Args:
            mode: Name of the drop mode; None for this user's own.
        """
        way = MODES[mode] if mode is not None else self.mode
        if self._leave(way) and way.comes_back and not self._current.is_closing:
            self.connect(**self._changes)
            self._leave(way)

    def _leave(self, way: DropMode[Any]) -> bool:
        """Drop the connection, if there is one; return whether there was."""
        client, self.sio = self.sio, None
        if client is None:
            return False
        counts = self._current.counts
        counts.straining += way.is_straining
        try:
            way.leave(client)
        finally:
            client.release()
            counts.straining -= way.is_straining
            counts.count_drop(way.name)
        return True

    def _run_handshake_only(self) -> None:
        """Come as far as the mode lets this user come, and stay there until it is stopped."""
        self.connect()
        self.has_worked = True
        gevent.sleep(FOREVER_S)

    def _client(self) -> Any:
        if self.sio is None:
            raise LostError("not connected")
        return self.sio

    @property
    def _protocol(self) -> Protocol:
        return self.protocol or self.options.protocol

    def _get_browser(self) -> Browser:
        if self._browser is None:
            self._browser = Browser(self.host or "", self.options, self.identity)
        return self._browser

    def _get_visitor(self) -> Visitor:
        if self._visitor is None:
            self._visitor = Visitor(self._get_browser(), self.identity, self._measure)
        return self._visitor

    def _fill(self, options: ClientOptions) -> ClientOptions:
        """Return the options with this client's own values and cookies; the same ones where it has none."""
        cookies = self._browser.cookie_header(options.endpoint_path) if self._browser is not None else None
        return make_personal(options, lambda: self.identity, cookies)

    def _measure(self, kind: str, name: str, action: Callable[[], Any]) -> Any:
        started_s = time.perf_counter()
        try:
            answer = action()
        except ClientError as error:
            self._fire(kind, name, started_s, error=self._hide(error))
            raise
        self._fire(kind, name, started_s)
        return answer

    def _hide(self, error: ClientError) -> ClientError:
        """Take this client's secrets out of an error, in place: it is counted, logged and raised."""
        if self._identity is not None:
            error.args = tuple(self._identity.hide(str(part)) for part in error.args)
            error.__cause__ = error.__context__ = None  # they may say the same, and are logged too
        return error

    def _fire(self, kind: str, name: str, started_s: float, *, error: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=(time.perf_counter() - started_s) * 1000,
            response_length=0,
            exception=error,
            context=self.context(),
        )

    def _on_lost(self, reason: str) -> None:
        if self.sio is not None:
            self.sio = None
            self._current.counts.count_lost(self._identity.hide(reason) if self._identity else reason)
