"""``/api/agent-chat``: opening, reading and deleting conversations."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from server.collaboration import Collaboration
from server.payloads import NewSession, PostedWords
from server.problems import FullError, RefusedError


def chat_routes(collaboration: Collaboration) -> APIRouter:
    """Return the routes of the agent's chat."""
    router = APIRouter(prefix="/api/agent-chat")
    sessions = collaboration.chatting.sessions

    @router.post("/sessions")
    async def create(request: NewSession) -> dict[str, Any]:
        try:
            session = sessions.create(request.project_id, request.agent_type)
        except FullError as error:
            raise HTTPException(503, str(error)) from None
        return {"session_id": session.id}

    @router.get("/sessions/{session_id}")
    async def read(session_id: str) -> dict[str, Any]:
        try:
            return sessions.get(session_id).to_wire()
        except RefusedError as error:
            raise HTTPException(404, str(error)) from None

    @router.post("/sessions/{session_id}/messages")
    async def post(session_id: str, request: PostedWords) -> dict[str, Any]:
        if session_id not in sessions.sessions:
            raise HTTPException(404, f"no chat session {session_id!r}")
        try:
            said = await collaboration.chatting.say(session_id, request.message)
        except RefusedError as error:
            raise HTTPException(409, str(error)) from None
        return {"status": "processing", "message_id": said["id"]}

    @router.delete("/sessions/{session_id}")
    async def delete(session_id: str) -> dict[str, Any]:
        try:
            sessions.delete(session_id)
        except RefusedError as error:
            raise HTTPException(404, str(error)) from None
        return {"status": "deleted", "session_id": session_id}

    @router.get("/status")
    async def status() -> dict[str, Any]:
        streaming = sum(session.is_streaming for session in sessions.sessions.values())
        return {"status": "online", "agent": "simulated", "sessions": len(sessions.sessions), "streaming": streaming}

    return router
