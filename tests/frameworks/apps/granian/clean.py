"""A plain ASGI application with a WebSocket, to be served by granian: it says what it is told."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

rooms: dict[int, WebSocket] = {}


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    rooms[id(websocket)] = websocket
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass
    finally:
        del rooms[id(websocket)]


app = Starlette(routes=[WebSocketRoute("/ws", chat)])
