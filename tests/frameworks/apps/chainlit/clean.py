"""A Chainlit assistant that greets whoever comes; what it knows of a chat goes with the chat's session."""

import chainlit as cl


@cl.on_chat_start
async def start() -> None:
    cl.user_session.set("history", [])
    await cl.Message("Hello!").send()


@cl.on_message
async def answer(message: cl.Message) -> None:
    cl.user_session.get("history").append(message.content)
    await cl.Message(f"You said: {message.content}").send()
