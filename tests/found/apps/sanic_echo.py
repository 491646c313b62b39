"""A WebSocket of Sanic that says what it is told."""

from sanic import Request, Sanic, Websocket

app = Sanic("echo")


@app.websocket("/ws")
async def echo(_: Request, ws: Websocket) -> None:
    async for text in ws:
        await ws.send(text)
