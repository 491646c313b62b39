"""A Socket.IO server that makes hostile objects for each client, and drops them when the client leaves.

What of theirs runs in a thread that must not run it is printed as ``INTRUSION``.
"""

from __future__ import annotations

import gc
import random
from typing import Any

import agent_hostile
import socketio

MOST = 200
PER_CLIENT = 5
dice = random.Random(7)
held: dict[str, list[Any]] = {}
agent_hostile.populate(7, MOST)
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid: str, environ: dict[str, Any]) -> None:
    """Make classes, instances and odds."""
    classes = [agent_hostile.make_class(dice, number) for number in range(PER_CLIENT)]
    instances = [agent_hostile.make_instance(of, dice) for of in classes]
    held[sid] = [classes, instances, agent_hostile.make_odds(dice)]


@sio.event
async def disconnect(sid: str, reason: str) -> None:
    """Drop them."""
    del held[sid]
    if agent_hostile.intrusions:
        print("INTRUSION", agent_hostile.told(), flush=True)


if __name__ == "__main__":
    import sys

    import uvicorn

    gc.collect()
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
