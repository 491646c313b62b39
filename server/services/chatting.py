"""Talking to the agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import structlog

from server.chat import ChatSession, ChatSessions, Message
from server.connections import Emitter
from server.limits import Limits
from server.rooms import chat_room
from server.tasks import Tasks


class Agent(Protocol):
    """Who answers."""

    def reply(self, agent_type: str, message: str) -> AsyncIterator[str]:
        """Yield an answer piece by piece."""


class Chatting:
    """The use of `ChatSessions`: messages in, streamed replies out to the conversation's room."""

    def __init__(self, limits: Limits, sessions: ChatSessions, agent: Agent, tasks: Tasks, emitter: Emitter) -> None:
        self.sessions = sessions
        self._limits = limits
        self._agent = agent
        self._tasks = tasks
        self._emitter = emitter
        self._log = structlog.get_logger("server.chat")

    def say(self, session_id: str, message: str) -> Message:
        """Take a message and begin to answer it. Raises RefusedError: unknown session, or still being answered."""
        session = self.sessions.get(session_id)
        self.sessions.begin_stream(session)
        said = self.sessions.append(session, "user", message)
        # The room hears everything from this one task, so that nothing overtakes anything.
        self._tasks.start(self._answer(session, said), f"reply {session_id}")
        return said

    async def _answer(self, session: ChatSession, said: Message) -> None:
        try:
            await self._tell(session, "message", {"type": "message", "data": said})
            await self._tell(session, "typing", {"is_typing": True})
            # One deadline for the whole answer: a time limit per piece is never hit by a stream that trickles.
            async with asyncio.timeout(self._limits.reply_real_s):
                await self._stream(session, str(said["content"]))
        except Exception as error:  # noqa: BLE001 -- whatever went wrong, the client must learn that it is over
            self._log.warning("reply failed", session=session.id, error=repr(error))
            reason = "the agent took too long" if isinstance(error, TimeoutError) else "the agent failed"
            await self._tell(session, "error", {"type": "error", "error": reason, "message": reason})
        finally:
            self.sessions.end_stream(session)
            await self._tell(session, "typing", {"is_typing": False})
            await self._tell(session, "stream_complete", {"session_id": session.id})

    async def _stream(self, session: ChatSession, message: str) -> None:
        pieces: list[str] = []
        async for piece in self._agent.reply(session.agent_type, message):
            if not self.sessions.is_kept(session):
                return  # deleted meanwhile; the room still gets its stream_complete
            pieces.append(piece)
            await self._tell(session, "stream_chunk", {"content": piece})
        answer = self.sessions.append(session, "agent", "".join(pieces).strip())
        await self._tell(session, "message", {"type": "message", "data": answer})

    async def _tell(self, session: ChatSession, event: str, payload: dict[str, Any]) -> None:
        await self._emitter.emit(event, payload, chat_room(session.id))
