"""A WSGI application with Socket.IO in front, on threads that keep what they have seen for themselves."""

import threading

import socketio


def pages(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


sio = socketio.Server(async_mode="threading")
app = socketio.WSGIApp(sio, pages)
local = threading.local()


@sio.event
def connect(sid, environ):
    pass


def seen():
    if not hasattr(local, "seen"):
        local.seen = []
    return local.seen


def remember(environ, start_response):
    seen().append(environ["QUERY_STRING"])  # leaks: wsgi_threads:local.<thread>.seen
    return app(environ, start_response)
