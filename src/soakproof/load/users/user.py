"""SocketIOUser: a Locust user that is a Socket.IO client."""

from __future__ import annotations

from typing import Any, ClassVar

from soakproof.load.options import Protocol
from soakproof.load.users.clientuser import ClientUser


class SocketIOUser(ClientUser):
    """Derive from it, give it tasks, and run it with ``locust`` or with ``soakproof run -f``.

    `soakproof.load.users.clientuser.ClientUser` says how it lives, and what it can do before it connects. Statistics
    are named as Locust's own Socket.IO user names them: ``WS connect``, ``WSE event`` (sent), ``WSC event`` (called),
    ``WSR event`` (received).
    """

    abstract = True
    protocol: ClassVar[Protocol | None] = "socketio"

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
