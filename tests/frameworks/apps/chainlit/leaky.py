"""The same assistant with a dict of all chats, which outlives their sessions."""

import chainlit as cl

histories: dict[str, list[str]] = {}


@cl.on_chat_start
async def start() -> None:
    histories[cl.user_session.get("id")] = []


@cl.on_message
async def answer(message: cl.Message) -> None:
    histories[cl.user_session.get("id")].append(message.content)
    await cl.Message(f"You said: {message.content}").send()
