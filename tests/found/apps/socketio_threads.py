"""A chat of python-socketio on threads, served by Werkzeug."""

import sys

import socketio
from werkzeug.serving import run_simple

sio = socketio.Server(async_mode="threading")


@sio.event
def say(sid: str, text: str) -> str:
    sio.emit("said", text, to=sid)
    return text


run_simple("127.0.0.1", int(sys.argv[1]), socketio.WSGIApp(sio), threaded=True)
