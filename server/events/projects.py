"""Projects: joining one, and following the list."""

from __future__ import annotations

from typing import Any

from server.collaboration import Collaboration
from server.connections import Connection
from server.events.binding import Event
from server.payloads import AnyProjectRef, Nothing, ProjectRef
from server.rooms import PROJECT_LIST, project_room


async def join_project(collaboration: Collaboration, connection: Connection, ref: ProjectRef) -> None:
    """Enter a project's room."""
    await collaboration.connections.enter(connection, project_room(ref.project_id))
    connection.project_id = ref.project_id
    await collaboration.connections.reply(connection, "joined_project", {"project_id": ref.project_id})


async def leave_project(collaboration: Collaboration, connection: Connection, ref: AnyProjectRef) -> None:
    """Leave a project's room."""
    project_id = ref.project_id or connection.project_id
    if project_id is not None:
        await collaboration.connections.leave(connection, project_room(project_id))
    connection.project_id = None


async def subscribe_projects(collaboration: Collaboration, connection: Connection, _: Nothing) -> None:
    """Enter the room of the list, and see the list."""
    await collaboration.connections.enter(connection, PROJECT_LIST)
    await collaboration.connections.reply(connection, "projects_update", await list_projects(collaboration))


async def unsubscribe_projects(collaboration: Collaboration, connection: Connection, _: Nothing) -> None:
    """Leave the room of the list."""
    await collaboration.connections.leave(connection, PROJECT_LIST)


async def list_projects(collaboration: Collaboration) -> dict[str, Any]:
    """Return the projects that have documents, the newest hundred."""
    projects = await collaboration.registries.document_states.projects(collaboration.limits.projects_listed)
    return {"projects": [{"project_id": key, "documents": count} for key, count in projects.items()]}


EVENTS: list[Event[Any]] = [
    Event("join_project", ProjectRef, join_project),
    Event("leave_project", AnyProjectRef, leave_project),
    Event("subscribe_projects", Nothing, subscribe_projects),
    Event("unsubscribe_projects", Nothing, unsubscribe_projects),
]
