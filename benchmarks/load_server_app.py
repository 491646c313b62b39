"""The server of load_cpu.py: one event, acknowledged."""

from __future__ import annotations

from typing import Any

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event  # type: ignore[untyped-decorator]  # python-socketio carries no types
async def work(_sid: str, _payload: Any) -> dict[str, bool]:
    """Acknowledge."""
    return {"ok": True}
