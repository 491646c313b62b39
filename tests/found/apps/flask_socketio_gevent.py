"""A Flask-SocketIO chat on gevent."""

from gevent import monkey

monkey.patch_all()

import sys  # after gevent's patches

from flask import Flask
from flask_socketio import SocketIO, emit

app = Flask(__name__)
socketio = SocketIO(app)


@socketio.on("say")
def say(text: str) -> str:
    emit("said", text)
    return text


socketio.run(app, port=int(sys.argv[1]))
