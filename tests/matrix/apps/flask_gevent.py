"""Flask-SocketIO in gevent mode; a global set of the clients' sockets."""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO  # noqa: E402

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent")
sockets = set()


@socketio.on("connect")
def connect():
    sockets.add(request.environ["wsgi.input"])  # leaks: __main__:sockets


if __name__ == "__main__":
    socketio.run(app, port=int(sys.argv[1]))
