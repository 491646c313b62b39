"""A FastAPI service with Socket.IO beside its routes, which forgets nobody who was ever there."""

import socketio
from fastapi import FastAPI

api = FastAPI()
sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
app = socketio.ASGIApp(sio, other_asgi_app=api)
typing: dict[str, bool] = {}


@api.get("/typing")
async def count() -> dict[str, int]:
    return {"typing": sum(typing.values())}


@sio.event
async def connect(sid: str, environ: dict, auth: object = None) -> None:
    typing[sid] = False
    await sio.emit("count", len(typing))
