"""The scenario of `make loadtest`: people who edit, crawl and chat at once, and leave without tidying up.

Each leaves entries behind in the server's registries: a document's state and a lock that is still held, the time of a
broadcast, a chat session. The server has to lose them all by itself.
"""

from __future__ import annotations

from itertools import count
from uuid import uuid4

from locust import constant, task

from soakproof.load import SocketIOUser

PROJECTS = 20
ALL_DAY_S = 86_400
numbers = count()


def make_place() -> dict[str, str]:
    """Return a new document in one of the projects."""
    return {"project_id": f"project-{next(numbers) % PROJECTS}", "document_id": f"document-{uuid4()}"}


class Editor(SocketIOUser):
    """Opens a document of its own and changes it."""

    wait_time = constant(ALL_DAY_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def edit(self) -> None:
        """Join the document and write its first sentence."""
        place = make_place()
        change = {"change_type": "content", "data": {"text": "Once upon a time"}, "version": 1, "timestamp": 1}
        self.emit("join_document_room", place)
        self.emit("document_change", {"change": {"id": str(uuid4()), "user_id": "author", **place, **change}})
        self.wait_for("joined_document")


class Reviewer(SocketIOUser):
    """Locks a document that nobody has changed yet, and goes without giving the lock back."""

    wait_time = constant(ALL_DAY_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def review(self) -> None:
        """Lock a document, and see that it is."""
        place = make_place()
        self.emit("join_document_room", place)
        self.emit("lock_document", {"user_id": "reviewer", **place})
        self.wait_for("document_locked")


class CrawlWatcher(SocketIOUser):
    """Starts a crawl, watches its progress, and goes before it ends."""

    wait_time = constant(ALL_DAY_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def watch(self) -> None:
        """Start a crawl and watch it begin."""
        crawl = self.http("POST", "/knowledge-items/crawl", {"url": "http://127.0.0.1/"})
        self.emit("crawl_subscribe", {"progress_id": crawl["progressId"]})
        self.wait_for("crawl_subscribe_ack")


class Chatter(SocketIOUser):
    """Opens a session with the agent, asks, and goes while the answer streams."""

    wait_time = constant(ALL_DAY_S)

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def ask(self) -> None:
        """Ask the agent something, and go before the answer has come."""
        session = self.http("POST", "/api/agent-chat/sessions", {})["session_id"]
        self.emit("join_chat", {"session_id": session})
        self.wait_for("connection_confirmed")
        self.emit("chat_message", {"session_id": session, "message": "What is in these documents?"})
