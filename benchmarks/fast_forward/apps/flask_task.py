"""A background task of Flask-SocketIO, in threads, sleeps four minutes at a time. Leaky: it passes over clients that were reset."""

import os
import sys
import time

from flask import Flask, request
from flask_socketio import SocketIO

LEAKY = bool(os.environ.get("LEAKY"))
app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading")
TYPING = {}


def sweep():
    while True:
        socketio.sleep(240)
        old = time.time() - 120
        for sid, since in list(TYPING.items()):
            if since < old:
                TYPING.pop(sid, None)


@socketio.on("connect")
def connect(auth=None):
    TYPING[request.sid] = time.time()


@socketio.on("disconnect")
def disconnect(reason):
    if LEAKY and reason != socketio.reason.CLIENT_DISCONNECT:
        TYPING[request.sid] = float("inf")


socketio.start_background_task(sweep)
socketio.run(app, port=int(sys.argv[1]), allow_unsafe_werkzeug=True)
