"""A client that stops in the middle of a handshake."""

from __future__ import annotations

from collections.abc import Callable

from soakproof.load.clients.endpoint import Endpoint
from soakproof.load.clients.errors import ConnectError
from soakproof.load.clients.hub import Hub, Waiter, shared_hub
from soakproof.load.clients.transport import Session, Transport


class HandshakeClient:
    """Connects as far as the first packet that starts with ``goal``, and no farther."""

    def __init__(
        self, endpoint: Endpoint, make_transport: Callable[[Endpoint, Hub, Session], Transport], goal: str
    ) -> None:
        self._goal = goal
        self._timeout_s = endpoint.options.timeout_s
        self._hub = shared_hub()
        self._waiter = Waiter()
        self.transport = make_transport(endpoint, self._hub, self)

    def connect(self) -> None:
        """Come as far as the goal.

        Raises:
            ConnectError: it was not reached.
        """
        is_there = False
        try:
            self.transport.open()
            self._hub.wait(self._waiter, self._timeout_s)
            is_there = True
        except TimeoutError as error:
            raise ConnectError(f"no {self._goal!r} within {self._timeout_s:g} s") from error
        except OSError as error:
            raise ConnectError(error.strerror or str(error)) from error
        finally:
            if not is_there:
                self.release()

    def release(self) -> None:
        """Close the sockets at once."""
        self.transport.release()

    def on_text(self, text: str) -> None:
        """Wake up at the goal."""
        if text.startswith(self._goal):
            self._hub.wake(self._waiter)

    def on_binary(self, data: bytes) -> None:
        """Let it pass."""

    def on_closed(self, reason: str) -> None:
        """Fail, if it was before the goal."""
        self._hub.wake(self._waiter, error=ConnectError(reason))
