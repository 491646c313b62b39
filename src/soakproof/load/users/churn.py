"""The built-in user: connects, does what ``--join`` names, stays until it is told to leave. Any server accepts it."""

from __future__ import annotations

from typing import ClassVar

from locust import constant, task

from soakproof.load import SocketIOUser, WebSocketUser
from soakproof.load.options import Protocol
from soakproof.load.users.payloads import read_message

HOURS_S = 86_400


class ChurnUser(SocketIOUser, WebSocketUser):
    """Connects, joins, stays."""

    protocol: ClassVar[Protocol | None] = None
    wait_time = constant(HOURS_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def join(self) -> None:
        """Call each event of ``options.joins`` and wait for its acknowledgement; send each of ``options.messages``."""
        for event, payload in self.options.joins:
            self.call(self.identity.fill(event), self.identity.fill(payload))
        for message in self.options.messages:
            self.send(read_message(self.identity.fill(message)))
