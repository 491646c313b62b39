"""A chat of python-socketio on gevent."""

from gevent import monkey

monkey.patch_all()

import sys  # after gevent's patches

import socketio
from gevent import pywsgi
from geventwebsocket.handler import WebSocketHandler

sio = socketio.Server(async_mode="gevent")


@sio.event
def say(sid: str, text: str) -> str:
    sio.emit("said", text, to=sid)
    return text


address = ("127.0.0.1", int(sys.argv[1]))
pywsgi.WSGIServer(address, socketio.WSGIApp(sio), log=None, handler_class=WebSocketHandler).serve_forever()
