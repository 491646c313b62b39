"""The built-in user: connects, calls what ``--join`` names, stays until it is told to leave. Any server accepts it."""

from __future__ import annotations

from locust import constant, task

from soakproof.load import SocketIOUser

HOURS_S = 86_400


class ChurnUser(SocketIOUser):
    """Connects, joins, stays."""

    wait_time = constant(HOURS_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def join(self) -> None:
        """Call each event of ``options.joins`` and wait for its acknowledgement."""
        for event, payload in self.options.joins:
            self.call(self.identity.fill(event), self.identity.fill(payload))
