"""WebSocketUser: a Locust user that is a client of plain WebSockets."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from soakproof.load.clients.errors import ClientError
from soakproof.load.options import Protocol
from soakproof.load.users.clientuser import ClientUser


class WebSocketUser(ClientUser):
    """Derive from it, give it tasks, and run it with ``locust`` or with ``soakproof run -f``.

    `soakproof.load.users.clientuser.ClientUser` says how it lives, and what it can do before it connects; the path of
    ``options`` is the WebSocket's. Statistics are ``WS connect``, ``WSS send`` and ``WSR receive``.
    """

    abstract = True
    protocol: ClassVar[Protocol | None] = "websocket"

    def send(self, message: Any, name: str = "send") -> None:
        """Send a message.

        Args:
            message: Text or bytes as they are; any other value as JSON text.
            name: What stands in the statistics for it.

        Raises:
            LostError: There is no connection.
        """
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        self._measure("WSS", name, lambda: self._client().send(raw))
        self._current.counts.events += 1

    def receive(self, timeout_s: float | None = None, name: str = "receive") -> str | bytes:
        """Wait for a message: the oldest that nobody took, or the next.

        Args:
            timeout_s: The longest wait, in seconds; None for ``options.timeout_s``.
            name: What stands in the statistics for it.

        Returns:
            Text or bytes.

        Raises:
            AnswerTimeoutError: None came in time.
            LostError: There is no connection, or it was lost meanwhile.
        """
        message: str | bytes = self._measure("WSR", name, lambda: self._client().receive(timeout_s))
        return message

    def receive_json(self, timeout_s: float | None = None, name: str = "receive") -> Any:
        """Wait for a message that is JSON, and return its value.

        Raises:
            ClientError: It is no JSON, or none came.
        """
        message = self.receive(timeout_s, name)
        try:
            return json.loads(message)
        except ValueError as error:
            raise ClientError(f"the server sent what is no JSON: {message[:80]!r}") from error
