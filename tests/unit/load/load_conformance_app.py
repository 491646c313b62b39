"""A small Socket.IO server in each of python-socketio's modes: python load_conformance_app.py MODE FD SERIALIZER.

Both flavours of handlers, for servers that await and for those that do not, do what `answers` says: what an event is
acknowledged with, and what is sent back.
"""

import socket
import sys

if "gevent" in sys.argv:  # before anything else is imported
    from gevent import monkey

    monkey.patch_all()

import socketio

PING_S = 0.2


def answers(event, arguments):
    """Return the acknowledgement of an event, and the events to send back."""
    if event == "echo":
        return arguments, []
    if event == "push":
        name, *payload = arguments
        return (), [(name, tuple(payload))]
    if event == "three":
        return (), [("first", (1,)), ("second", (2,)), ("third", (3,))]
    raise AssertionError(event)


def check(auth):
    """Refuse who says so."""
    if auth == {"token": "wrong"}:
        raise socketio.exceptions.ConnectionRefusedError("wrong token")


def register_async(sio, namespace):
    async def on_any(event, sid, *arguments):
        acknowledgement, events = answers(event, arguments)
        for name, payload in events:
            await sio.emit(name, payload, to=sid, namespace=namespace)
        return acknowledgement

    async def on_ask(sid):
        async def report(*answer):
            await sio.emit("answered", answer, to=sid, namespace=namespace)

        await sio.emit("question", {"q": 1}, to=sid, namespace=namespace, callback=report)

    async def on_connect(sid, environ, auth):
        check(auth)

    async def on_kick(sid):
        await sio.disconnect(sid, namespace=namespace)

    for name, handler in {"*": on_any, "ask": on_ask, "connect": on_connect, "kick": on_kick}.items():
        sio.on(name, handler, namespace=namespace)


def register_sync(sio, namespace):
    def on_any(event, sid, *arguments):
        acknowledgement, events = answers(event, arguments)
        for name, payload in events:
            sio.emit(name, payload, to=sid, namespace=namespace)
        return acknowledgement

    def on_ask(sid):
        def report(*answer):
            sio.emit("answered", answer, to=sid, namespace=namespace)

        sio.emit("question", {"q": 1}, to=sid, namespace=namespace, callback=report)

    def on_connect(sid, environ, auth):
        check(auth)

    def on_kick(sid):
        sio.disconnect(sid, namespace=namespace)

    for name, handler in {"*": on_any, "ask": on_ask, "connect": on_connect, "kick": on_kick}.items():
        sio.on(name, handler, namespace=namespace)


def make(mode):
    """Return the server, its handlers registered."""
    options = {"async_mode": mode, "ping_interval": PING_S, "ping_timeout": 5, "serializer": sys.argv[3]}
    is_async = mode in {"asgi", "aiohttp"}
    sio = socketio.AsyncServer(**options) if is_async else socketio.Server(**options)
    for namespace in ("/", "/admin"):
        (register_async if is_async else register_sync)(sio, namespace)
    return sio


def main(mode, listener):
    """Serve until killed."""
    if mode == "gevent":
        from gevent import pywsgi
        from gevent import socket as gsocket
        from geventwebsocket.handler import WebSocketHandler

        wrapped = gsocket.socket(fileno=listener.detach())
        app = socketio.WSGIApp(make(mode))
        pywsgi.WSGIServer(wrapped, app, log=None, handler_class=WebSocketHandler).serve_forever()
    elif mode == "asgi":
        import uvicorn

        config = uvicorn.Config(socketio.ASGIApp(make(mode)), log_level="warning", fd=listener.fileno())
        uvicorn.Server(config).run()
    elif mode == "aiohttp":
        from aiohttp import web

        app = web.Application()
        make(mode).attach(app)
        web.run_app(app, sock=listener, print=None)
    else:
        from werkzeug.serving import make_server

        app = socketio.WSGIApp(make("threading"))
        make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno()).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
