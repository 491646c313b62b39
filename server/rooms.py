"""Names of the rooms. The library also has a room per client, named by its sid: a prefix keeps ours apart.

Ids are free text, so lengths stand in front of them: no two pairs of ids make the same name.
"""

from __future__ import annotations

PROJECT_LIST = "app:project_list"
ALERTS = "app:alerts"
DASHBOARD = "app:dashboard"


def project_room(project_id: str) -> str:
    """Return the room of a project's members."""
    return f"app:project:{project_id}"


def progress_room(progress_id: str) -> str:
    """Return the room of those who follow a progress."""
    return f"app:progress:{progress_id}"


def crawl_room(progress_id: str) -> str:
    """Return the room of those who follow a crawl."""
    return f"app:crawl:{progress_id}"


def document_room(project_id: str, document_id: str) -> str:
    """Return the room of a document's editors."""
    return f"app:doc:{len(project_id)}:{project_id}:{document_id}"


def chat_room(session_id: str) -> str:
    """Return the room of a conversation."""
    return f"app:chat:{session_id}"


def shown_document_room(project_id: str, document_id: str) -> str:
    """Return the name of a document's room as ``joined_document`` tells it."""
    return f"doc_{project_id}_{document_id}"
