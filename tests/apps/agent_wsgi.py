"""A Flask-SocketIO server; run with a port it serves itself, in the mode that $MODE names."""

import os

if os.environ.get("MODE") == "gevent":
    from gevent import monkey

    monkey.patch_all()

import sys

from flask import Flask
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode=os.environ.get("MODE", "threading"))
JOINED: list[str] = []


@socketio.on("join")
def join(room):
    JOINED.append(room)
    return room


if __name__ == "__main__":
    options = {"allow_unsafe_werkzeug": True} if socketio.async_mode == "threading" else {}
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]), **options)
