"""A server of plain WebSockets: it echoes, refuses, hangs up, and tells who is there."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

seen: list[object] = []


async def chat(websocket):
    await websocket.accept()
    who = websocket.query_params.get("who")
    seen.append(["came", who, websocket.headers.get("origin")])
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                seen.append(["left", who, message["code"]])
                return
            if message.get("text") is not None:
                seen.append(["said", who, message["text"]])
                await websocket.send_text(message["text"])
            else:
                seen.append(["sent", who, len(message["bytes"])])
                await websocket.send_bytes(message["bytes"])
    except WebSocketDisconnect:
        seen.append(["left", who, 1006])


async def refuse(websocket):
    await websocket.close()


async def hang_up(websocket):
    await websocket.accept()
    await websocket.close(1011)


async def tell(request):
    return JSONResponse(seen)


app = Starlette(
    routes=[
        WebSocketRoute("/ws/chat", chat),
        WebSocketRoute("/ws/refuse", refuse),
        WebSocketRoute("/ws/hang-up", hang_up),
        Route("/seen", tell),
    ]
)
