"""A WebSocket of Quart that says what it is told."""

from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/ws")
async def echo() -> None:
    while True:
        await websocket.send(await websocket.receive())
