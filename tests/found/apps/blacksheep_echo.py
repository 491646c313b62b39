"""A WebSocket of BlackSheep that says what it is told."""

from blacksheep import Application, WebSocket, WebSocketDisconnectError

app = Application()


@app.router.ws("/ws")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnectError:
        pass
