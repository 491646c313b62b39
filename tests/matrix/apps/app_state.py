"""FastAPI with a mounted Socket.IO server, and a service in its state that keeps a list."""

import socketio
from fastapi import FastAPI


class Audit:
    def __init__(self):
        self.records = []

    def note(self, what, sid):
        self.records.append(f"{what} {sid}")  # leaks: app_state:Audit.records


app = FastAPI()
app.state.audit = Audit()
sio = socketio.AsyncServer(async_mode="asgi")
app.mount("/", socketio.ASGIApp(sio))


@app.get("/health")
def health():
    return "ok"


@sio.event
async def connect(sid, environ):
    app.state.audit.note("connect", sid)
