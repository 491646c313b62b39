"""Flask-SocketIO in eventlet mode; a list of sids."""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet")
visits = []


@socketio.on("connect")
def connect():
    visits.append(request.sid)  # leaks: __main__:visits


if __name__ == "__main__":
    socketio.run(app, port=int(sys.argv[1]))
