"""The server of observer.py: one event, acknowledged, beside as many live objects as ``LIVE_OBJECTS`` asks for.

They are what a collaborative server keeps: rooms with members, histories of messages and settings. ``/lateness`` says
by how many seconds at most, and in the median, its event loop came late to a sleep of 1 ms since it was last asked;
``/collect`` collects garbage.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import socketio

STEP_S = 0.001
sio = socketio.AsyncServer(async_mode="asgi")
LATENESS_S: list[float] = []
TASKS: set[asyncio.Task[None]] = set()


class Room:
    """A room as applications have them."""

    def __init__(self, number: int) -> None:
        self.members = {f"user-{number}-{index}" for index in range(5)}
        self.history = [{"from": index, "text": [f"message {index}"]} for index in range(5)]
        self.settings = {"topic": {"title": f"room {number}", "tags": ["a", "b"]}}


ROOMS: dict[int, Room] = {}


def fill() -> None:
    """Add rooms until so many objects live as were asked for."""
    wanted = int(os.environ.get("LIVE_OBJECTS", "0"))
    while len(gc.get_objects()) < wanted:
        for _ in range(100):
            ROOMS[len(ROOMS)] = Room(len(ROOMS))


@sio.event  # type: ignore[untyped-decorator]  # python-socketio carries no types
async def work(_sid: str, _payload: Any) -> dict[str, bool]:
    """Acknowledge."""
    return {"ok": True}


async def tick() -> None:
    """Note by how much the event loop comes late, each millisecond."""
    while True:
        began_s = time.perf_counter()
        await asyncio.sleep(STEP_S)
        LATENESS_S.append(time.perf_counter() - began_s - STEP_S)


def say_lateness() -> str:
    """Return the greatest and the median lateness in seconds, and begin anew; start noting when first asked."""
    if not TASKS:
        TASKS.add(asyncio.create_task(tick()))
    lateness = f"{max(LATENESS_S, default=0.0)} {statistics.median(LATENESS_S or [0.0])}"
    LATENESS_S.clear()
    return lateness


ANSWERS: dict[str, Callable[[], object]] = {"/lateness": say_lateness, "/collect": gc.collect}


async def answer(scope: Any, _receive: Any, send: Any) -> None:
    """Answer a request of the benchmark's."""
    body = str(ANSWERS[scope["path"]]()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


fill()
app = socketio.ASGIApp(sio, other_asgi_app=answer)
