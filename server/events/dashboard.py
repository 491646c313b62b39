"""The server's inside, for those who may see it: the dashboard and the alerts."""

from __future__ import annotations

from typing import Any

from server.collaboration import Collaboration
from server.connections import Connection
from server.events.binding import Event
from server.payloads import Nothing
from server.problems import RefusedError
from server.rooms import ALERTS, DASHBOARD


async def join_dashboard(collaboration: Collaboration, connection: Connection, _: Nothing) -> dict[str, Any]:
    """Be told every second how the server is, and of alerts."""
    _check(connection)
    await collaboration.connections.enter(connection, DASHBOARD)
    await collaboration.connections.enter(connection, ALERTS)
    return {"success": True}


async def subscribe_alerts(collaboration: Collaboration, connection: Connection, _: Nothing) -> dict[str, Any]:
    """Be told of alerts."""
    _check(connection)
    await collaboration.connections.enter(connection, ALERTS)
    return {"success": True}


def _check(connection: Connection) -> None:
    if not connection.is_internal:
        raise RefusedError("only for loopback, or with auth {internal_token}; see docs/reference-server.md")


EVENTS: list[Event[Any]] = [
    Event("join_dashboard", Nothing, join_dashboard, is_call=True),
    Event("subscribe_alerts", Nothing, subscribe_alerts, is_call=True),
]
