"""Serve one animal of the zoo: python -m benchmarks.zoo ANIMAL leaky|clean PORT."""

from __future__ import annotations

import importlib
import sys

import socketio
import uvicorn

from benchmarks.zoo.animal import Animal


def main() -> None:
    """Serve."""
    name, side, port = sys.argv[1:]
    module = importlib.import_module(f"benchmarks.zoo.{name.replace('-', '_')}")
    animal: Animal = module.Server(is_leaky=side == "leaky")
    sio = socketio.AsyncServer(async_mode="asgi")

    async def connect(sid: str, _environ: dict[str, object]) -> None:
        await animal.welcome(sid)

    async def disconnect(sid: str) -> None:
        await animal.part(sid)

    sio.on("connect", connect)
    sio.on("disconnect", disconnect)
    uvicorn.run(socketio.ASGIApp(sio), port=int(port), log_level="warning")


if __name__ == "__main__":
    main()
