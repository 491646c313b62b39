"""SocketIOUser: a Locust user that is a Socket.IO client."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import gevent
from locust import User
from locust.user.task import LOCUST_STATE_WAITING

from soakproof.load.clients.client import Client
from soakproof.load.clients.errors import ClientError, LostError
from soakproof.load.clients.rest import shared_rest
from soakproof.load.drops import MODES, check_modes
from soakproof.load.drops.mode import DropMode
from soakproof.load.options import ClientOptions
from soakproof.load.users.counts import counts_of

FOREVER_S = 1e8


class SocketIOUser(User):  # type: ignore[misc]  # Locust carries no types
    """Derive from it, give it tasks, and run it with ``locust`` or with ``soakproof run -f``.

    A user's life: `on_start` connects, the tasks run, `on_stop` drops the connection. Failures raise a `ClientError`
    and are counted by Locust. Statistics are named as Locust's own Socket.IO user names them: ``WS connect``,
    ``WSE event`` (sent), ``WSC event`` (called), ``WSR event`` (received), in milliseconds as all of Locust's.

    Attributes:
        host: URL of the server; http, https, ws or wss.
        options: How to connect (`soakproof.load.options.ClientOptions`).
        drops: Drop modes and their weights, where soakproof does not deal them out itself.
        connects_on_start: Whether `on_start` connects; where not, a task calls `connect`.
        has_worked: Whether a task has been done.
        sio: The client while there is a connection, else None.
    """

    abstract = True
    options = ClientOptions()
    drops: dict[str, float] = {"close": 1.0}  # noqa: RUF012  # Locust's classes are configured by plain attributes
    connects_on_start = True

    def __init__(self, environment: Any) -> None:
        self.has_worked = False
        super().__init__(environment)
        self._current = counts_of(environment)
        self._intended_s: float | None = None
        self._mode: DropMode[Any] | None = None
        self.sio: Client | None = None

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
            check_modes(self.drops, self.options.client, self.options.serializer)
            names = list(self.drops)
            if len(names) > 1:
                names = random.choices(names, list(self.drops.values()))  # noqa: S311  # a load's dice
            self._mode = MODES[names[0]]
        return self._mode

    def assign(self, mode: str, intended_s: float) -> None:
        """Take from the driver how to leave, and when to have begun.

        Args:
            mode: Name of a drop mode.
            intended_s: When this life should have begun, in seconds of ``time.perf_counter``.
        """
        self._mode = MODES[mode]
        self._intended_s = intended_s

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

    def connect(self) -> None:
        """Connect to ``host``; the time taken counts from when it should have begun.

        Raises:
            ConnectError: No connection came about within ``options.timeout_s``.
            RefusedError: The server refused the namespace.
        """
        started_s, self._intended_s = self._intended_s or time.perf_counter(), None
        client = self.mode.make(self.host or "", self.options, self._on_lost)
        name = "connect" if self.mode.is_admitted else f"connect ({self.mode.name})"
        try:
            client.connect()
        except ClientError as error:
            self._fire("WS", name, started_s, error=error)
            raise
        self.sio = client
        self._current.counts.count_open(time.perf_counter() - started_s)
        self._fire("WS", name, started_s)

    def emit(self, event: str, payload: Any = None) -> None:
        """Send an event, without waiting for an answer.

        Args:
            event: Its name.
            payload: JSON types and bytes; a tuple is sent as several arguments, None as none.

        Raises:
            LostError: There is no connection.
        """
        self._measure("WSE", event, lambda: self._client().emit(event, payload))
        self._current.counts.events += 1

    def call(self, event: str, payload: Any = None, timeout_s: float | None = None) -> Any:
        """Send an event and wait for its acknowledgement.

        Args:
            event: Its name.
            payload: JSON types and bytes; a tuple is sent as several arguments, None as none.
            timeout_s: The longest wait, in seconds; None for ``options.timeout_s``.

        Returns:
            What the server acknowledges it with: one value, a tuple of several, or None.

        Raises:
            AnswerTimeoutError: No acknowledgement came in time.
            LostError: There is no connection, or it was lost meanwhile.
        """
        answer = self._measure("WSC", event, lambda: self._client().call(event, payload, timeout_s))
        self._current.counts.events += 1
        return answer

    def wait_for(self, event: str, timeout_s: float | None = None) -> Any:
        """Wait for an event from the server: the oldest that nobody took, or the next.

        Args:
            event: Its name.
            timeout_s: The longest wait, in seconds; None for ``options.timeout_s``.

        Returns:
            Its payload.

        Raises:
            AnswerTimeoutError: None came in time.
            LostError: There is no connection, or it was lost meanwhile.
        """
        return self._measure("WSR", event, lambda: self._client().wait_for(event, timeout_s))

    def http(self, method: str, path: str, payload: Any = None, name: str | None = None) -> Any:
        """Make an HTTP request to ``host``, over connections that all users of the process share.

        Args:
            method: ``GET``, ``POST`` and so on.
            path: Path and query.
            payload: The body, sent as JSON; None for no body.
            name: What stands in the statistics for paths that differ.

        Returns:
            The answer's JSON; None for an answer without a body.

        Raises:
            StatusError: The status is 400 or above, or the answer is no JSON.
            ClientError: There was no answer within ``options.timeout_s``.
        """
        rest = shared_rest(self.host or "", self.options)
        return self._measure(method, name or path, lambda: rest.exchange(method, path, payload, self.options.timeout_s))

    def drop(self, mode: str | None = None) -> None:
        """Leave the server; nothing if there is no connection.

        Args:
            mode: Name of the drop mode; None for this user's own.
        """
        way = MODES[mode] if mode is not None else self.mode
        if self._leave(way) and way.comes_back and not self._current.is_closing:
            self.connect()
            self._leave(way)

    def _leave(self, way: DropMode[Any]) -> bool:
        """Drop the connection, if there is one; return whether there was."""
        client, self.sio = self.sio, None
        if client is None:
            return False
        try:
            way.leave(client)
        finally:
            client.release()
            self._current.counts.count_drop(way.name)
        return True

    def _run_handshake_only(self) -> None:
        """Come as far as the mode lets this user come, and stay there until it is stopped."""
        self.connect()
        self.has_worked = True
        gevent.sleep(FOREVER_S)

    def _client(self) -> Client:
        if self.sio is None:
            raise LostError("not connected")
        return self.sio

    def _measure(self, kind: str, name: str, action: Callable[[], Any]) -> Any:
        started_s = time.perf_counter()
        try:
            answer = action()
        except ClientError as error:
            self._fire(kind, name, started_s, error=error)
            raise
        self._fire(kind, name, started_s)
        return answer

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
            self._current.counts.count_lost(reason)
