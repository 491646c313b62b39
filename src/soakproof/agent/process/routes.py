"""Where the target's own routes say that its sockets are: by their shape, whichever framework made them.

A route is a thing with a ``path`` (Starlette, FastAPI), or a ``pattern`` with a text (Django, as Channels has it); one
that asks for no HTTP method and has an ``endpoint`` or ``callback`` is a WebSocket's. What has routes of its own is
below its path. A middleware with an ``engineio_path`` hands what comes there to Engine.IO.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..objects import kinds, unreadable
from ..objects.instances import read
from ..objects.liveobjects import LiveObjects

DEEPEST = 6
MOST_ROUTES = 5000
ENGINE, ROUTER, ROUTES = "engineio_path", "router", "routes"


def find_paths(live: LiveObjects) -> dict[str, list[str]]:
    """Return the paths of Engine.IO endpoints (``socketio``) and of WebSockets (``websocket``) that routes say."""
    engines, apps = set(), []
    for group in live.groups.values():
        for thing in group if has_any(group[0]) else ():
            path = read(thing, ENGINE)
            engines |= {f"/{path.strip('/')}"} if type(path) is str and path.strip("/") else set()
            apps += [thing] if is_application(thing) else []
    inner = {id(below) for app in apps for route in routes_of(app) for below in routers_in(route)}
    found = {path for app in apps if id(app) not in inner for path in walk(app, "", DEEPEST)}
    return {"socketio": sorted(engines), "websocket": sorted(found)}


def has_any(thing: Any) -> bool:
    """Tell whether a thing has an attribute that is looked for."""
    return any(unreadable.attempt(type(thing), read, thing, name) is not None for name in (ENGINE, ROUTER, ROUTES))


def is_application(thing: Any) -> bool:
    """Tell whether a thing has a router, or routes with patterns; a router alone may be part of any application."""
    routes = routes_of(thing)
    return bool(routes) and (read(thing, ROUTER) is not None or read(routes[0], "pattern") is not None)


def routes_of(thing: Any) -> list[Any]:
    """Return the routes of an application, a router, or what includes one; none where it has no list of them."""
    for holder in (thing, read(thing, ROUTER), read(thing, "original_router")):
        routes = read(holder, ROUTES)
        if type(routes) is list:
            return routes[:MOST_ROUTES]
    return []


def routers_in(route: Any) -> list[Any]:
    """Return what has routes of its own below a route."""
    parts = (route, read(route, "app"), read(route, "_base_app"), read(route, "callback"))
    return [part for part in parts if part is not None and routes_of(part)]


def walk(thing: Any, prefix: str, depth: int) -> Iterator[str]:
    """Yield the paths of all WebSockets below a prefix."""
    for route in routes_of(thing) if depth else ():
        path, inner = own_path(route), routers_in(route)
        for router in inner:
            yield from walk(router, prefix + path, depth - 1)
        is_served = read(route, "endpoint") is not None or read(route, "callback") is not None
        if is_served and not inner and path and read(route, "methods") is None:
            yield f"/{(prefix + path).lstrip('/')}"


def own_path(route: Any) -> str:
    """Return the path of a route, or the prefix of what includes others; nothing where it has neither."""
    said = (read(route, "path"), read(read(route, "include_context"), "prefix"), read(read(route, "pattern"), "_route"))
    return next((kinds.plain_text(path) for path in said if type(path) is str), "")
