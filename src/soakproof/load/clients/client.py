"""The interface of a Socket.IO client, as users and drop modes know it."""

from __future__ import annotations

from typing import Any, Protocol


class Connection(Protocol):
    """Something that comes to a server and goes again. Failures are `soakproof.load.clients.errors.ClientError`s."""

    def connect(self) -> None:
        """Come, and wait for the server's answer.

        Raises:
            ConnectError: It did not come, or came with a refusal (`RefusedError`).
        """

    def release(self) -> None:
        """Close whatever is still open, without a word; harmless when called twice."""


class Client(Connection, Protocol):
    """One connection to one namespace."""

    @property
    def is_connected(self) -> bool:
        """Whether the namespace is connected now."""

    def emit(self, event: str, payload: Any = None) -> None:
        """Send an event; a tuple is sent as several arguments.

        Raises:
            LostError: There is no connection.
        """

    def call(self, event: str, payload: Any = None, timeout_s: float | None = None) -> Any:
        """Send an event and return what it is acknowledged with, within ``timeout_s`` seconds.

        Raises:
            AnswerTimeoutError: No acknowledgement came in time.
            LostError: There is no connection, or it was lost meanwhile.
        """

    def wait_for(self, event: str, timeout_s: float | None = None) -> Any:
        """Return the payload of the oldest such event that nobody took, or of the next within ``timeout_s`` seconds.

        Raises:
            AnswerTimeoutError: None came in time.
            LostError: There is no connection, or it was lost meanwhile.
        """

    def close(self) -> None:
        """Close the connection with a closing handshake only."""

    def disconnect(self) -> None:
        """Leave the namespace, then close the connection."""
