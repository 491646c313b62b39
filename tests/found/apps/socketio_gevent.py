"""A chat of python-socketio on gevent."""

from gevent import monkey

monkey.patch_all()

import sys  # after gevent's patches

import socketio
from gevent import pywsgi

sio = socketio.Server(async_mode="gevent")


@sio.event
def say(sid: str, text: str) -> str:
    sio.emit("said", text, to=sid)
    return text


pywsgi.WSGIServer(("127.0.0.1", int(sys.argv[1])), socketio.WSGIApp(sio), log=None).serve_forever()
