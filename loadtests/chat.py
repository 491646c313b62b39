"""Chat with an agent whose answers stream: some wait for the end, some lose patience.

soakproof run -f loadtests/chat.py --clients 200 -- python -m server --port {port}
locust -f loadtests/chat.py --host http://127.0.0.1:8000
"""

from __future__ import annotations

from locust import between, task

from soakproof.load import SocketIOUser


class Chatting(SocketIOUser):
    """Opens a session and talks."""

    abstract = True
    wait_time = between(0.5, 2.0)

    def on_start(self) -> None:
        """Open a session with the agent."""
        super().on_start()
        self.session = self.http("POST", "/api/agent-chat/sessions", {"agent_type": "rag"})["session_id"]
        self.emit("join_chat", {"session_id": self.session})
        self.wait_for("connection_confirmed")

    def ask(self, question: str) -> None:
        """Say something to the agent."""
        self.emit("chat_message", {"session_id": self.session, "message": question})


class Patient(Chatting):
    """Reads each answer to its end before asking on."""

    weight = 3

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def converse(self) -> None:
        """Ask, and read the answer to its end."""
        self.ask("What did we decide yesterday?")
        self.wait_for("stream_complete")


class Impatient(Chatting):
    """Asks, sees the answer begin, and cares no more: where it leaves then, the stream goes on for nobody."""

    drops = {"reset": 1.0}  # noqa: RUF012  # Locust's classes are configured by plain attributes

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def glance(self) -> None:
        """Ask, and read the first words."""
        self.ask("Summarise everything.")
        self.wait_for("stream_chunk")
