"""A Chainlit assistant that says back what it is told; what it knows of a chat goes with the chat's session."""

import chainlit as cl


@cl.on_chat_start
async def start() -> None:
    cl.user_session.set("history", [])


@cl.on_message
async def answer(message: cl.Message) -> None:
    cl.user_session.get("history").append(message.content)
    await cl.Message(f"You said: {message.content}").send()
