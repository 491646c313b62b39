"""A greenlet sleeps three minutes at a time and drops what is older than four. Leaky: it passes over clients that were reset."""

from gevent import monkey

monkey.patch_all()

import os
import sys
import time

import gevent
import socketio
from gevent import pywsgi
from geventwebsocket.handler import WebSocketHandler

LEAKY = bool(os.environ.get("LEAKY"))
sio = socketio.Server(async_mode="gevent")
CURSORS = {}


def sweep():
    while True:
        gevent.sleep(180)
        old = time.time() - 240
        for sid in [sid for sid, at in CURSORS.items() if at < old]:
            del CURSORS[sid]


@sio.event
def connect(sid, environ, auth):
    CURSORS[sid] = time.time()


@sio.event
def disconnect(sid, reason):
    if LEAKY and reason != sio.reason.CLIENT_DISCONNECT:
        CURSORS[sid] = float("inf")


gevent.spawn(sweep)
app = socketio.WSGIApp(sio)
pywsgi.WSGIServer(("127.0.0.1", int(sys.argv[1])), app, handler_class=WebSocketHandler, log=None).serve_forever()
