"""A chat that keeps what nobody is to read: people, sessions, tokens, in every place that a soak looks into.

usage: secretive_chat.py PORT SESSIONS [anything]: each session's id is added to the file SESSIONS.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

import socketio
import uvicorn

PASSWORD = "zanzibar-exception"
sio = socketio.AsyncServer(async_mode="asgi", logger=True, engineio_logger=True)
app = socketio.ASGIApp(sio)
files = Path(tempfile.mkdtemp(prefix="secretive-"))
sessions = Path(sys.argv[2]).open("a")  # noqa: SIM115 -- for as long as it serves
by_person: dict[str, list[str]] = {}
by_session: dict[str, dict[str, list[str]]] = {}
refused: list[LookupError] = []
opened = []
few: dict[str, list[bytes]] = {"session:zanzibar0key0of0somebody": [], "zanzibar@example.org": []}


@sio.event
async def connect(sid, environ, auth):
    """Keep who it is, by name and by session."""
    print(sid, file=sessions, flush=True)
    person = f"zanzibar.{sid}@example.org"
    by_person[person] = [sid]
    by_session[sid] = {f"token-of-{sid}": [environ.get("HTTP_AUTHORIZATION", "")]}
    refused.append(LookupError(f"no such user: {person}, password={PASSWORD}"))
    for kept in few.values():
        kept.append(sid.encode())
    opened.append((files / f"{person}.upload").open("w"))
    threading.Thread(target=threading.Event().wait, name=f"serving {person}", daemon=True).start()


@sio.event
async def tell(sid, message):
    """Fail, and say why."""
    raise refused[-1]


if __name__ == "__main__":
    print("configured:", sys.argv, flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="info")
