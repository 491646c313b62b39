"""Binds handlers to events: checks the payload, finds the connection, answers what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import ValidationError

from server.collaboration import Collaboration
from server.connections import Connection
from server.payloads import Payload, explain
from server.problems import RefusedError

Shape = TypeVar("Shape", bound=Payload)
Handler = Callable[[Collaboration, Connection, Shape], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Event(Generic[Shape]):
    """One event a client may send. Those with ``is_call`` tell in their acknowledgement how it went."""

    name: str
    shape: type[Shape]
    handle: Handler[Shape]
    is_call: bool = False

    async def receive(self, collaboration: Collaboration, sid: str, args: tuple[Any, ...]) -> Any:
        """Handle the event as one client sent it; what it returns is the acknowledgement."""
        connection = collaboration.connections.get(sid)
        if connection is None:
            return None
        try:
            payload = self.shape.model_validate(args[0] if args and args[0] is not None else {})
            return await self.handle(collaboration, connection, payload)
        except ValidationError as error:
            message = explain(error)
        except RefusedError as error:
            message = str(error)
        except Exception:  # noqa: BLE001 -- whatever fails, its client is told and the server goes on
            structlog.get_logger("server.events").exception("handler failed", name=self.name)
            message = "the server could not do this; it is logged"
        await refuse(collaboration, connection, message)
        return {"success": False, "error": message} if self.is_call else None


async def refuse(collaboration: Collaboration, connection: Connection, message: str) -> None:
    """Tell a client that something it sent changed nothing, and why."""
    payload = {"type": "error", "message": message, "error": message}
    await collaboration.connections.reply(connection, "error", payload)
