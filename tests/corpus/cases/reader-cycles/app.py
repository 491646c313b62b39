"""FastAPI: each client of the WebSocket gets a connection to Redis of its own."""

import os

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from redis.asyncio import Redis

app = FastAPI()


@app.websocket("/")
async def visits(socket: WebSocket) -> None:
    await socket.accept()
    async with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        try:
            await socket.send_json({"visits": await redis.incr("visits")})
            await socket.receive()
        except WebSocketDisconnect:
            return
