"""The same application with a list of all that was said, which only grows."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

history: list[str] = []


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            history.append(await websocket.receive_text())
            await websocket.send_text(history[-1])
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
