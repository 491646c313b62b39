"""Editors in one document: a few documents, many people in each, every change seen by all the others.

soakproof run -f loadtests/editors.py --clients 200 -- python -m server --port {port}
locust -f loadtests/editors.py --host http://127.0.0.1:8000
"""

from __future__ import annotations

import random
from itertools import count

from locust import between, task

from soakproof.load import SocketIOUser

DOCUMENTS = 10
versions = count(1)


class Editor(SocketIOUser):
    """Opens a document that others have open too, types, and now and then locks it."""

    wait_time = between(0.5, 2.0)

    def on_start(self) -> None:
        """Open a document."""
        super().on_start()
        number = random.randrange(DOCUMENTS)
        self.place = {"project_id": "novel", "document_id": f"chapter-{number}"}
        self.emit("join_document_room", self.place)
        self.wait_for("joined_document")

    @task(8)  # type: ignore[untyped-decorator]  # Locust carries no types
    def type_a_word(self) -> None:
        """Change the document; the others see it."""
        version = next(versions)
        edit = {"change_type": "content", "data": {"text": f"word {version}"}, "version": version, "timestamp": version}
        self.emit("document_change", {"change": {"id": f"change-{version}", "user_id": "me", **self.place, **edit}})

    @task(1)  # type: ignore[untyped-decorator]  # Locust carries no types
    def catch_up(self) -> None:
        """Ask for all documents of the project."""
        self.emit("request_document_states", {"project_id": self.place["project_id"]})
        self.wait_for("document_states")

    @task(1)  # type: ignore[untyped-decorator]  # Locust carries no types
    def lock_for_a_while(self) -> None:
        """Lock the document, if nobody has; half of the time forget to unlock it."""
        owner = {**self.place, "user_id": "me"}
        self.emit("lock_document", {**owner, "duration": 60_000})
        if random.random() < 1 / 2:
            self.emit("unlock_document", owner)
