"""What every client of ours does over its transport: connect, wait for what comes, close, and tell that it was lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError
from soakproof.load.clients.hub import Hub, Waiter, shared_hub
from soakproof.load.clients.inbox import Inbox
from soakproof.load.clients.transport import Transport

CLOSE_TIMEOUT_S = 1.0


class CarriedClient(ABC):
    """A client over one transport. Unread messages are kept, `INBOX_EVENTS` at most, the oldest dropped first.

    ``when_lost(reason)`` is called once if the connection goes away by itself; it must not wait.
    """

    __slots__ = ("_closing", "_connecting", "_endpoint", "_hub", "_inbox", "is_connected", "transport", "when_lost")

    def __init__(self, endpoint: Endpoint, when_lost: Callable[[str], None] | None = None) -> None:
        self._endpoint = endpoint
        self._hub: Hub = shared_hub()
        self.transport: Transport | None = None
        self._connecting: Waiter | None = None
        self._closing: Waiter | None = None
        self._inbox: Inbox | None = None
        self.is_connected = False
        self.when_lost = when_lost

    def connect(self) -> None:
        """Connect to the server, and to the namespace where there is one.

        Raises:
            RefusedError: the server's application said no.
            ConnectError: no connection came about.
        """
        self._connecting = waiter = Waiter()
        try:
            self.transport = self._make_transport()
            self.transport.open()
            self._hub.wait(waiter, self._endpoint.options.timeout_s)
        except TimeoutError as error:
            raise ConnectError(f"not connected within {self._endpoint.options.timeout_s:g} s") from error
        except OSError as error:
            raise ConnectError(error.strerror or str(error)) from error
        finally:
            self._connecting = None
            if not self.is_connected:
                self.release()

    def wait_for(self, event: str, timeout_s: float | None = None) -> Any:
        """Return the payload of the oldest such event that nobody took, or of the next one.

        Raises:
            AnswerTimeoutError: none came in time.
            LostError: there is no connection, or it went away.
        """
        if self._inbox is None:
            self._inbox = Inbox()
        kept = self._inbox.take(event)
        if kept is not None:
            return kept[1]
        self._carrier()
        waiter = self._inbox.expect(event)
        try:
            return self._wait(waiter, timeout_s, f"{event} did not come")
        finally:
            self._inbox.forget(waiter)

    def close(self) -> None:
        """Close the connection without leaving the namespace, and wait for the server's answer, a second at most."""
        self._leave([])

    def release(self) -> None:
        """Close the sockets at once, without a word; harmless when called twice."""
        self.is_connected = False
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.release()

    def on_closed(self, reason: str) -> None:
        """Wake whoever waits, and tell the owner, unless the connection was being closed from here."""
        was_connected, self.is_connected = self.is_connected, False
        self.transport = None
        if self._closing is not None:
            self._hub.wake(self._closing)
            return
        if was_connected and self.when_lost is not None:
            self.when_lost(reason)
        if self._connecting is not None:
            self._hub.wake(self._connecting, error=ConnectError(reason))
        error = LostError(f"connection lost: {reason}")
        for waiter in self._waiters():
            self._hub.wake(waiter, error=error)

    @property
    def read_rate(self) -> float:
        """How many bytes a second it reads where it reads slowly."""
        return self._endpoint.options.read_rate

    @abstractmethod
    def _make_transport(self) -> Transport:
        """Return what carries its messages, not open yet."""

    def _waiters(self) -> list[Waiter]:
        return self._inbox.waiters() if self._inbox else []

    def _keep(self, event: str, payload: Any) -> None:
        if self._inbox is None:
            self._inbox = Inbox()
        self._inbox.put(event, payload, self._hub)

    def _carrier(self) -> Transport:
        if self.transport is None or not self.is_connected:
            raise LostError("not connected")
        return self.transport

    def _wait(self, waiter: Waiter, timeout_s: float | None, complaint: str) -> Any:
        seconds = self._endpoint.options.timeout_s if timeout_s is None else timeout_s
        try:
            return self._hub.wait(waiter, seconds)
        except TimeoutError as error:
            raise AnswerTimeoutError(f"{complaint} within {seconds:g} s") from error

    def _fail(self, reason: str) -> None:
        """Close, as if the server had."""
        transport = self.transport
        if transport is not None:
            transport.release()
            self.on_closed(reason)

    def _leave(self, last: list[bytes]) -> None:
        if self.transport is None:
            return
        self.is_connected = False
        self._closing = waiter = Waiter()
        try:
            if last:
                self.transport.send(last)
            self.transport.shake()
            self._hub.wait(waiter, CLOSE_TIMEOUT_S)
        except TimeoutError:
            pass  # the server owes us no answer; the connection is over all the same
        finally:
            self._closing = None
            self.release()
