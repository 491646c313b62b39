"""A WebSocket of Flask-Sock that says what it is told."""

import sys

from flask import Flask
from flask_sock import Server, Sock

app = Flask(__name__)
sock = Sock(app)


@sock.route("/ws")
def echo(ws: Server) -> None:
    while True:
        ws.send(ws.receive())


app.run(port=int(sys.argv[1]))
