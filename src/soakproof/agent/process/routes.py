"""Where the target's own routes say that its sockets are: by their shape, whichever framework made them.

A route is a thing with a ``path``; one that asks for no HTTP method and has an ``endpoint`` is a WebSocket's; a mount
has an ``app`` below its path. A middleware with an ``engineio_path`` hands what comes there to Engine.IO.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ..objects import kinds, unreadable
from ..objects.instances import instance_dict, read
from ..objects.liveobjects import LiveObjects

DEEPEST = 6
MOST_ROUTES = 5000
ENGINE, ROUTER = "engineio_path", "router"


def find_paths(live: LiveObjects) -> dict[str, list[str]]:
    """Return the paths of Engine.IO endpoints (``socketio``) and of WebSockets (``websocket``) that routes say."""
    engines, apps = set(), []
    for group in live.groups.values():
        for thing in group if has_either(group[0]) else ():
            path = read(thing, ENGINE)
            engines |= {tidy(path)} if type(path) is str else set()
            apps += [thing] if routes_of(thing) else []
    mounted = {id(below) for app in apps for below in mounted_in(app)}
    found = {path for app in apps if id(app) not in mounted for path in walk(app, "", DEEPEST)}
    return {"socketio": sorted(engines), "websocket": sorted(found)}


def has_either(thing: Any) -> bool:
    """Tell whether a thing has an attribute that is looked for."""
    namespace = unreadable.attempt(type(thing), instance_dict, thing)
    return type(namespace) is dict and (ENGINE in namespace or ROUTER in namespace)


def routes_of(thing: Any) -> list[Any]:
    """Return the routes of an application, a router, or what includes one; none where it has no list of them."""
    for holder in (thing, read(thing, ROUTER), read(thing, "original_router")):
        routes = read(holder, "routes")
        if type(routes) is list:
            return routes[:MOST_ROUTES]
    return []


def mounted_in(thing: Any) -> Iterator[Any]:
    """Yield the applications that are mounted below one."""
    for route in routes_of(thing):
        if read(route, "endpoint") is None:
            yield from (below for below in (read(route, "app"), read(route, "_base_app")) if below is not None)


def walk(thing: Any, prefix: str, depth: int) -> Iterator[str]:
    """Yield the paths of all WebSockets below a prefix."""
    for route in routes_of(thing) if depth else ():
        below = own_path(route)
        if read(route, "endpoint") is None:
            for inner in (route, read(route, "app")):
                yield from walk(inner, prefix + below, depth - 1)
        elif read(route, "methods") is None and below:
            yield tidy(prefix + below)


def own_path(route: Any) -> str:
    """Return the path of a route, or the prefix of what includes others; nothing where it has neither."""
    path: Optional[Any] = read(route, "path")
    path = read(read(route, "include_context"), "prefix") if path is None else path
    return kinds.plain_text(path) if type(path) is str else ""


def tidy(path: str) -> str:
    """Return a path as it is asked for: with one slash before it, none behind."""
    return f"/{path.strip('/')}"
