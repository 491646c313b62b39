"""A chat that takes no connection for a while, when so many clients have come: refusing_chat.py PORT SECONDS."""

from __future__ import annotations

import asyncio
import functools
import itertools
import sys

import socketio
import uvicorn

REFUSES_AT = 45  # in the third wave of twenty clients
PORT, SECONDS = int(sys.argv[1]), float(sys.argv[2])
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=PORT, log_level="warning"))
arrivals = itertools.count(1)
refusing = []


@sio.event
async def connect(sid, environ):
    """Refuse from now on, once."""
    if next(arrivals) == REFUSES_AT:
        refusing.append(asyncio.create_task(refuse()))


@sio.event
async def tell(sid, message):
    """Answer."""
    return True


async def refuse():
    """Close the listening socket, and open it again."""
    for listening in server.servers:
        listening.close()
    print("closed", flush=True)
    await asyncio.sleep(SECONDS)
    config = server.config
    protocol = functools.partial(
        config.http_protocol_class, config=config, server_state=server.server_state, app_state=server.lifespan.state
    )
    server.servers = [await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", PORT)]
    print("open", flush=True)


if __name__ == "__main__":
    server.run()
