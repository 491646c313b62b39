"""Chat: joining a conversation and talking in it."""

from __future__ import annotations

from typing import Any

from server.collaboration import Collaboration
from server.connections import Connection
from server.events.binding import Event
from server.payloads import ChatRef, ChatWords
from server.rooms import chat_room


async def join_chat(collaboration: Collaboration, connection: Connection, ref: ChatRef) -> None:
    """Enter a conversation's room."""
    await collaboration.connections.enter(connection, chat_room(ref.session_id))
    confirmation = {"type": "connection_confirmed", "session_id": ref.session_id}
    await collaboration.connections.reply(connection, "connection_confirmed", confirmation)


async def leave_chat(collaboration: Collaboration, connection: Connection, ref: ChatRef) -> None:
    """Leave it."""
    await collaboration.connections.leave(connection, chat_room(ref.session_id))


async def chat_message(collaboration: Collaboration, _: Connection, words: ChatWords) -> None:
    """Say something; the answer streams to the room."""
    collaboration.chatting.say(words.session_id, words.message)


EVENTS: list[Event[Any]] = [
    Event("join_chat", ChatRef, join_chat),
    Event("leave_chat", ChatRef, leave_chat),
    Event("chat_message", ChatWords, chat_message),
]
