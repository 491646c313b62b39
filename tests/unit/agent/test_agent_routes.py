"""The paths of sockets are read off the routes of frameworks, by their shape and without running any code of theirs."""

from __future__ import annotations

import pytest
import socketio
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.process.routes import find_paths


async def serve(websocket):
    """Serve nobody."""


@pytest.fixture
def apps():
    """Applications of Starlette and of FastAPI, with routers, mounts, and Engine.IO in one."""
    inner = Starlette(routes=[WebSocketRoute("/chat/{room}", serve), Route("/page", serve)])
    outer = Starlette(routes=[WebSocketRoute("/only", serve), Mount("/sub", app=inner)])
    router = APIRouter(prefix="/api")
    router.websocket("/x")(serve)
    fast = FastAPI()
    fast.websocket("/ws")(serve)
    fast.include_router(router, prefix="/v1")
    fast.mount("/", socketio.ASGIApp(socketio.AsyncServer(async_mode="asgi"), socketio_path="ws/socket.io"))
    return outer, fast


def test_paths_are_told_with_their_prefixes(apps):
    """What is mounted or included stands below where it is; a page is no socket."""
    found = find_paths(LiveObjects())
    assert set(found["websocket"]) >= {"/only", "/sub/chat/{room}", "/ws", "/v1/api/x"}
    assert not {"/chat/{room}", "/page", "/sub/page", "/sub"} & set(found["websocket"])
    assert "/ws/socket.io" in found["socketio"]
    del apps


class Pattern:
    """A Django pattern, as far as it is looked at."""

    def __init__(self, route):
        self._route = route


class Url:
    """Django's entry of a list of routes: what is asked for there is the callback."""

    def __init__(self, route, callback):
        self.pattern, self.callback = Pattern(route), callback


class UrlRouter:
    """Channels' router of them."""

    def __init__(self, *routes):
        self.routes = list(routes)


def test_patterns_are_paths_too():
    """Routes of Django's kind, one below another, keep the slash that they end with."""
    router = UrlRouter(Url("ws/", UrlRouter(Url("chat/", serve))), Url("plain", serve))
    assert {"/ws/chat/", "/plain"} <= set(find_paths(LiveObjects())["websocket"])
    assert "/chat/" not in find_paths(LiveObjects())["websocket"]
    del router


def test_odd_routes_are_left_alone():
    """A list that is none, a path that is none, and a mount of itself end in nothing."""

    class Odd:
        def __init__(self):
            self.router = self
            self.routes = [self, 3, None]
            self.path = 7
            self.engineio_path = 5
            self.app = self

    odd = Odd()
    assert set(find_paths(LiveObjects())) == {"socketio", "websocket"}
    del odd
