"""``sessions``: the conversations with the agent, kept until two hours after the last word."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any

from server.audit import AuditTrail
from server.chatdates import parse_time_s
from server.clock import Clock, to_iso
from server.expiry import ExpiryIndex
from server.limits import Limits
from server.problems import FullError, RefusedError

Message = dict[str, Any]


@dataclass(slots=True)
class ChatSession:
    """One conversation. ``created_at`` is what goes over the wire; only ``last_active_s`` decides its age."""

    id: str
    project_id: str | None
    agent_type: str
    created_at: Any
    messages: deque[Message]
    last_active_s: float
    is_streaming: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return it as the HTTP routes answer it."""
        return {
            "session_id": self.id,
            "project_id": self.project_id,
            "agent_type": self.agent_type,
            "messages": list(self.messages),
            "created_at": self.created_at,
        }


class ChatSessions:
    """Session id → session."""

    def __init__(self, clock: Clock, limits: Limits, audit: AuditTrail) -> None:
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self.sessions: dict[str, ChatSession] = {}
        self._by_age: ExpiryIndex[str] = ExpiryIndex()

    def create(self, project_id: str | None = None, agent_type: str = "rag") -> ChatSession:
        """Open a session. At the cap, the one that has been silent longest gives way. Raises FullError."""
        self._make_place()
        now_s = self._clock.now_s()
        return self._add(str(uuid.uuid4()), project_id, agent_type, to_iso(now_s), now_s)

    def adopt(self, session_id: str, created_at: object, agent_type: str = "rag") -> ChatSession:
        """Take in a session that another system opened at ``created_at``.

        A date that is none, or lies in the future, counts as the time at which the session was first seen here.
        """
        self._make_place()
        now_s = self._clock.now_s()
        created_s = parse_time_s(created_at)
        last_active_s = now_s if created_s is None or created_s > now_s else created_s
        return self._add(session_id, None, agent_type, created_at, last_active_s)

    def get(self, session_id: str) -> ChatSession:
        """Return a session. Raises RefusedError when it is unknown."""
        session = self.sessions.get(session_id)
        if session is None:
            raise RefusedError(f"no chat session {session_id!r}; it was deleted, has expired or never was")
        return session

    def append(self, session: ChatSession, role: str, content: str) -> Message:
        """Add a message, the oldest giving way at the cap, and count the session as active."""
        now_s = self._clock.now_s()
        message = {"id": str(uuid.uuid4()), "sender": role, "content": content, "timestamp": to_iso(now_s)}
        session.messages.append(message)
        self._touch(session, now_s)
        return message

    def delete(self, session_id: str) -> ChatSession:
        """Delete a session, streaming or not. Raises RefusedError when it is unknown."""
        session = self.get(session_id)
        self._by_age.discard(session_id)
        self._remove(session, "deleted", "request")
        return session

    def begin_stream(self, session: ChatSession) -> None:
        """Keep a session from expiring while its reply streams. Raises RefusedError when one streams already."""
        if session.is_streaming:
            raise RefusedError(f"chat session {session.id!r} is still being answered; wait for stream_complete")
        session.is_streaming = True

    def end_stream(self, session: ChatSession) -> None:
        """Let a session grow old again, from now."""
        session.is_streaming = False
        self._touch(session, self._clock.now_s())

    def is_kept(self, session: ChatSession) -> bool:
        """Return whether a session has not been deleted."""
        return self.sessions.get(session.id) is session

    def cleanup_chat_sessions(self, max_age_hours: float = 2, *, trigger: str = "call") -> int:
        """Remove the sessions silent for longer than ``max_age_hours``, and return how many they were.

        A session whose reply streams is active, however old.
        """
        return self._expire(max_age_hours, len(self.sessions), trigger)

    async def expire(self, limit: int, trigger: str) -> int:
        """Remove up to ``limit`` sessions silent for two hours; return how many."""
        return self._expire(self._limits.session_ttl_hours, limit, trigger)

    def _expire(self, max_age_hours: float, limit: int, trigger: str) -> int:
        now_s = self._clock.now_s()
        removed = 0
        for session_id in self._by_age.pop_due(now_s - max_age_hours * 3600, limit):
            session = self.sessions[session_id]
            if session.is_streaming:
                self._touch(session, now_s)
                continue
            self._remove(session, "silent", trigger)
            removed += 1
        return removed

    def _make_place(self) -> None:
        if len(self.sessions) < self._limits.sessions:
            return
        busy = []
        while (oldest := self._by_age.pop_oldest()) is not None:
            session = self.sessions[oldest]
            if not session.is_streaming:
                self._remove(session, "cap", "create")
                break
            busy.append(session)
        for session in busy:
            self._touch(session, self._clock.now_s())
        if len(self.sessions) >= self._limits.sessions:
            raise FullError(f"there are {len(self.sessions)} chat sessions, all busy; try again later")

    def _add(
        self, session_id: str, project_id: str | None, agent_type: str, created_at: object, last_active_s: float
    ) -> ChatSession:
        messages: deque[Message] = deque(maxlen=self._limits.messages_per_session)
        session = ChatSession(session_id, project_id, agent_type, created_at, messages, last_active_s)
        self.sessions[session_id] = session
        self._by_age.set(session_id, last_active_s)
        return session

    def _touch(self, session: ChatSession, now_s: float) -> None:
        session.last_active_s = now_s
        if self.is_kept(session):
            self._by_age.set(session.id, now_s)

    def _remove(self, session: ChatSession, why: str, trigger: str) -> None:
        del self.sessions[session.id]
        self._audit.record("sessions", session.id, why=why, since_s=session.last_active_s, trigger=trigger)
