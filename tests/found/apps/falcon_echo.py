"""A WebSocket of Falcon that says what it is told."""

import falcon
import falcon.asgi


class Echo:
    async def on_websocket(self, request: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> None:
        await ws.accept()
        try:
            while True:
                await ws.send_text(await ws.receive_text())
        except falcon.WebSocketDisconnected:
            pass


app = falcon.asgi.App()
app.add_route("/ws", Echo())
