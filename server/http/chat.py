"""``/api/agent-chat``: opening, reading and deleting conversations."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from server.chat import ChatSession
from server.collaboration import Collaboration
from server.payloads import NewSession, PostedWords
from server.problems import FullError, RefusedError


class ChatRoutes:
    """The routes, as methods, so that each is small."""

    def __init__(self, collaboration: Collaboration) -> None:
        self._chatting = collaboration.chatting
        self._sessions = collaboration.registries.sessions

    async def create(self, request: NewSession | None = None) -> dict[str, Any]:
        """Open a session, of the usual kind where no body says which; 503 when there are too many."""
        request = request or NewSession()
        try:
            session = self._sessions.create(request.project_id, request.agent_type)
        except FullError as error:
            raise HTTPException(503, str(error)) from None
        return {"session_id": session.id}

    async def read(self, session_id: str) -> dict[str, Any]:
        """Return a session; 404 when it is unknown."""
        return self._find(session_id).to_wire()

    async def post(self, session_id: str, request: PostedWords) -> dict[str, Any]:
        """Say something; the answer streams to the session's room. 409 while the last one still does."""
        self._find(session_id)
        try:
            said = self._chatting.say(session_id, request.message)
        except RefusedError as error:
            raise HTTPException(409, str(error)) from None
        return {"status": "processing", "message_id": said["id"]}

    async def delete(self, session_id: str) -> dict[str, Any]:
        """Delete a session; 404 when it is unknown."""
        self._find(session_id)
        self._sessions.delete(session_id)
        return {"status": "deleted", "session_id": session_id}

    async def status(self) -> dict[str, Any]:
        """Say that the agent, a simulated one, is there."""
        kept = self._sessions.sessions
        streaming = sum(session.is_streaming for session in kept.values())
        return {"status": "online", "agent": "simulated", "sessions": len(kept), "streaming": streaming}

    def _find(self, session_id: str) -> ChatSession:
        try:
            return self._sessions.get(session_id)
        except RefusedError as error:
            raise HTTPException(404, str(error)) from None


def chat_routes(collaboration: Collaboration) -> APIRouter:
    """Return the routes of the agent's chat."""
    routes = ChatRoutes(collaboration)
    router = APIRouter(prefix="/api/agent-chat")
    router.post("/sessions")(routes.create)
    router.get("/sessions/{session_id}")(routes.read)
    router.post("/sessions/{session_id}/messages")(routes.post)
    router.delete("/sessions/{session_id}")(routes.delete)
    router.get("/status")(routes.status)
    return router
