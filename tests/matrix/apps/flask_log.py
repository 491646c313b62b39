"""Flask-SocketIO in threading mode; each client gets a handler of the logger, for good."""

import logging
import sys

from flask import Flask, request
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading")
log = logging.getLogger("clients")


@socketio.on("connect")
def connect():
    handler = logging.NullHandler()
    handler.set_name(request.sid)
    log.addHandler(handler)  # leaks: __main__:log.handlers


if __name__ == "__main__":
    socketio.run(app, port=int(sys.argv[1]), allow_unsafe_werkzeug=True)
