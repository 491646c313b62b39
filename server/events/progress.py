"""Progress and crawls: following them, stopping them, asking for them."""

from __future__ import annotations

from typing import Any

from server.collaboration import Collaboration
from server.connections import Connection
from server.events.binding import Event
from server.payloads import ProgressRef, TaskRef
from server.rooms import crawl_room, progress_room


async def subscribe_progress(collaboration: Collaboration, connection: Connection, ref: ProgressRef) -> None:
    """Follow a project's progress."""
    await collaboration.crawling.follow(connection, ref.progress_id)


async def unsubscribe_progress(collaboration: Collaboration, connection: Connection, ref: ProgressRef) -> None:
    """Follow it no more."""
    await collaboration.connections.leave(connection, progress_room(ref.progress_id))


async def crawl_subscribe(collaboration: Collaboration, connection: Connection, ref: ProgressRef) -> None:
    """Follow a crawl."""
    await collaboration.crawling.follow_crawl(connection, ref.progress_id)


async def crawl_unsubscribe(collaboration: Collaboration, connection: Connection, ref: ProgressRef) -> None:
    """Follow it no more."""
    await collaboration.connections.leave(connection, crawl_room(ref.progress_id))


async def crawl_stop(collaboration: Collaboration, _: Connection, ref: ProgressRef) -> dict[str, Any]:
    """Stop a crawl; its room is told."""
    return _acknowledge(await collaboration.crawling.stop(ref.progress_id), {"progressId": ref.progress_id})


async def cancel_crawl(collaboration: Collaboration, _: Connection, ref: TaskRef) -> dict[str, Any]:
    """Stop a crawl by its task id, which is its progress id."""
    return _acknowledge(await collaboration.crawling.stop(ref.task_id), {"task_id": ref.task_id})


async def get_task_status(collaboration: Collaboration, _: Connection, ref: TaskRef) -> dict[str, Any]:
    """Answer how far a crawl is."""
    crawl = collaboration.crawling.crawls.get(ref.task_id)
    if crawl is None:
        return {"success": False, "error": f"no task {ref.task_id!r}; it ended more than a minute ago or never was"}
    return {"success": True, "task_id": ref.task_id, "status": crawl.status, "progress": crawl.to_wire()}


def _acknowledge(complaint: str | None, on_success: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, **on_success} if complaint is None else {"success": False, "error": complaint}


EVENTS: list[Event[Any]] = [
    Event("subscribe_progress", ProgressRef, subscribe_progress),
    Event("unsubscribe_progress", ProgressRef, unsubscribe_progress),
    Event("crawl_subscribe", ProgressRef, crawl_subscribe),
    Event("crawl_unsubscribe", ProgressRef, crawl_unsubscribe),
    Event("crawl_stop", ProgressRef, crawl_stop, is_call=True),
    Event("cancel_crawl", TaskRef, cancel_crawl, is_call=True),
    Event("get_task_status", TaskRef, get_task_status, is_call=True),
]
