"""A conference after a network break: everybody drops at once, everybody is back at once, and then it breaks again.

soakproof run -f loadtests/conference.py --drop storm --clients 300 -- python -m server --port {port}
locust -f loadtests/conference.py --host http://127.0.0.1:8000
"""

from __future__ import annotations

from locust import between, task

from soakproof.load import SocketIOUser


class Participant(SocketIOUser):
    """Sits in the room of the conference, follows the list of projects, and reads along."""

    wait_time = between(1.0, 3.0)
    drops = {"storm": 1.0}  # noqa: RUF012  # Locust's classes are configured by plain attributes

    def on_start(self) -> None:
        """Enter the room, as on every reconnect."""
        super().on_start()
        self.emit("join_project", {"project_id": "conference"})
        self.wait_for("joined_project")

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def look_around(self) -> None:
        """Ask for the projects, and for what is in this one."""
        self.emit("subscribe_projects")
        self.wait_for("projects_update")
        self.emit("request_document_states", {"project_id": "conference"})
        self.wait_for("document_states")
