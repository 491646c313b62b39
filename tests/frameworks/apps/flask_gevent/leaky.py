"""A Flask-SocketIO chat, served by gevent: who is there is remembered for good."""

from gevent import monkey

monkey.patch_all()

from flask import Flask, request
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent")
people: dict[str, dict[str, str]] = {}


@app.route("/")
def index() -> str:
    return "<h1>chat</h1>"


@socketio.on("connect")
def connect() -> None:
    people[request.sid] = {"name": "somebody"}


if __name__ == "__main__":
    socketio.run(app, port=5000)
