"""Flask-SocketIO on eventlet."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402 -- eventlet patches first

from flask import Flask  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet")


@socketio.on("message")
def message(payload):
    """Take what a client sends."""


if __name__ == "__main__":
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]))
