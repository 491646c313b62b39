"""A server that knows nothing of soakproof, keeps every client that ever came, and tells what is in its process."""

import asyncio
import os

import left_behind
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
SEEN = {}


@sio.event
async def connect(sid, environ):
    SEEN[sid] = True


@sio.event
async def look(sid):
    tasks = sorted(task.get_coro().__qualname__ for task in asyncio.all_tasks())
    return {"pid": os.getpid(), "tasks": tasks, **left_behind.look()}


app = socketio.ASGIApp(sio)
