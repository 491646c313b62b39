"""The reference client: python-socketio's own, behind the same interface; the lean one is checked against it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests
import socketio
from socketio import exceptions

from soakproof.load.clients.carried import CLOSE_TIMEOUT_S
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError, RefusedError
from soakproof.load.clients.inbox import INBOX_EVENTS
from soakproof.load.clients.tlscontext import explain, make_context
from soakproof.load.options import ClientOptions
from soakproof.serverurl import parse_url


class ReferenceClient:
    """One python-socketio client in one namespace; its greenlets are its own.

    Locust has made threads and their conditions gevent's, so that waiting in them lets other users run.
    """

    def __init__(self, url: str, options: ClientOptions, when_lost: Callable[[str], None] | None = None) -> None:
        server = parse_url(url)
        query = urlencode({**server.query, **options.query})
        self._url = f"{'https' if server.is_tls else 'http'}://{server.authority}" + (f"?{query}" if query else "")
        self._options = options
        self._when_lost = when_lost
        self._is_leaving = False
        self._arrived = threading.Condition()
        self._inbox: deque[tuple[str, Any]] = deque(maxlen=INBOX_EVENTS)
        self._client = socketio.Client(
            reconnection=False,
            request_timeout=options.timeout_s,
            handle_sigint=False,
            serializer=options.serializer,
            http_session=_make_session(options, is_tls=server.is_tls),
            # A server that does not know of the TLS in front of it takes its own origin for a foreign one: send none.
            websocket_extra_options={"suppress_origin": True},
        )
        self._client.on("*", self._on_event, namespace=options.namespace)
        self._client.on("disconnect", self._on_disconnect, namespace=options.namespace)

    @property
    def is_connected(self) -> bool:
        """Whether the namespace is connected now."""
        return self._options.namespace in self._client.namespaces

    def connect(self) -> None:
        """Connect to the server and to the namespace.

        Raises:
            RefusedError: the server's application said no.
            ConnectError: no connection came about.
        """
        options = self._options
        refusals: list[Any] = []
        self._client.on("connect_error", refusals.append, namespace=options.namespace)
        try:
            self._client.connect(
                self._url,
                headers=options.headers,
                auth=options.auth,
                transports=list(options.transports),
                namespaces=[options.namespace],
                socketio_path=options.endpoint_path,
                wait_timeout=options.timeout_s,
            )
        except exceptions.ConnectionError as error:
            self.release()
            if isinstance(refusals[0] if refusals else None, dict):
                raise RefusedError(f"refused: {refusals[0].get('message', '')}") from error
            raise ConnectError(explain(error) or _find_reason(error)) from error

    def emit(self, event: str, payload: Any = None) -> None:
        """Send an event."""
        try:
            self._client.emit(event, payload, namespace=self._options.namespace)
        except exceptions.SocketIOError as error:
            raise LostError(str(error)) from error

    def call(self, event: str, payload: Any = None, timeout_s: float | None = None) -> Any:
        """Send an event and return what it is acknowledged with."""
        seconds = self._options.timeout_s if timeout_s is None else timeout_s
        try:
            return self._client.call(event, payload, namespace=self._options.namespace, timeout=seconds)
        except exceptions.TimeoutError as error:
            raise AnswerTimeoutError(f"{event} was not acknowledged within {seconds:g} s") from error
        except exceptions.SocketIOError as error:
            raise LostError(f"connection lost: {error}") from error

    def wait_for(self, event: str, timeout_s: float | None = None) -> Any:
        """Return the payload of the oldest such event that nobody took, or of the next one."""
        seconds = self._options.timeout_s if timeout_s is None else timeout_s
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._has(event) or not self.is_connected, seconds):
                raise AnswerTimeoutError(f"{event} did not come within {seconds:g} s")
            for kept in self._inbox:
                if kept[0] == event:
                    self._inbox.remove(kept)
                    return kept[1]
        raise LostError("not connected")

    def close(self) -> None:
        """Close the connection with a closing handshake only."""
        self._end(self._client.eio.disconnect)

    def disconnect(self) -> None:
        """Leave the namespace, then close the connection."""
        self._end(self._client.disconnect)

    def release(self) -> None:
        """Close whatever is still open; harmless when called twice."""
        self._is_leaving = True
        if self._client.eio.state == "connected":
            self._client.eio.disconnect(abort=True)

    def _end(self, action: Callable[[], None]) -> None:
        """Run the library's way to leave, a second at most: by polling it waits for a ping."""
        self._is_leaving = True
        thread = threading.Thread(target=action, daemon=True)
        thread.start()
        thread.join(CLOSE_TIMEOUT_S)

    def _has(self, event: str) -> bool:
        return any(name == event for name, _ in self._inbox)

    def _on_event(self, event: str, *arguments: Any) -> None:
        with self._arrived:
            payload = arguments[0] if len(arguments) == 1 else arguments or None
            self._inbox.append((event, payload))
            self._arrived.notify_all()

    def _on_disconnect(self, reason: str | None = None) -> None:
        with self._arrived:
            self._arrived.notify_all()
        if not self._is_leaving and self._when_lost is not None:
            self._when_lost(str(reason))


def _find_reason(error: BaseException) -> str:
    """Return what went wrong at first: the library says ``Connection error`` of nearly everything."""
    first = error
    while first.__context__ is not None:
        first = first.__context__
    return str(first).partition(" -+-+-")[0] or str(error)  # websocket-client puts the whole response behind it


def _make_session(options: ClientOptions, *, is_tls: bool) -> requests.Session:
    """Return how the library makes requests: it would send headers with the first one only, and trust as it is told."""
    session = requests.Session()
    session.trust_env = False  # else the environment's bundle of authorities goes before ours
    session.headers.update(options.headers)
    if is_tls:
        make_context(options.ca, options.cert)  # refuses files that are not there, in a sentence
        session.verify = options.ca or True
        session.cert = options.cert
    return session
