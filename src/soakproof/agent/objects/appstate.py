"""Application state: what a web framework has its users keep with it, ``app.state.rooms`` of Starlette and its like.

They lie within an object of the library, a step or two from what the application holds, in a dict under names that the
application chose. By these names a person knows them, so the entries are told like attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from . import instances, kinds

MOST_ENTRIES = 64  # more than anybody names: such a dict is a registry itself
LONGEST_NAME = 40

# class -> attributes that lead to the dict, and how a person writes an entry of it
_STATES: dict[str, tuple[tuple[str, ...], str]] = {
    "starlette.applications:Starlette": (("state", "_state"), "state.{}"),
    "litestar.app:Litestar": (("state", "_state"), "state.{}"),
    "sanic.app:Sanic": (("ctx", "__dict__"), "ctx.{}"),
    "aiohttp.web_app:Application": (("_state",), "_state[{!r}]"),
    "flask.app:Flask": (("extensions",), "extensions[{!r}]"),
    "tornado.web:Application": (("settings",), "settings[{!r}]"),
}


def entries_in_state(of: type, group: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield ``(name, thing)`` of the entries in the application state of a type's instances; none where it has none."""
    state = state_of(of)
    if state is None:
        return
    steps, template = state
    for thing in group:
        for name, held in entries_of(thing, steps):
            yield template.format(name), held


def state_of(of: type) -> Optional[tuple[tuple[str, ...], str]]:
    """Return where a type's instances have their application state, None where they have none."""
    named = (kinds.name_of_type(base) for base in kinds.mro_of(of))
    return next((_STATES[name] for name in named if name in _STATES), None)


def entries_of(thing: Any, steps: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return the named entries of an application state; none of one that is full of other things, or not there."""
    for step in steps:
        try:
            thing = instances.instance_dict(thing) if step == "__dict__" else instances.attribute(thing, step)
        except AttributeError:
            return []
    if not kinds.is_of(thing, dict) or dict.__len__(thing) > MOST_ENTRIES:
        return []
    named = [(name_of_key(key), held) for key, held in list(dict.items(thing))]
    return [(name, held) for name, held in named if name and len(name) <= LONGEST_NAME]


def name_of_key(key: Any) -> str:
    """Return what an entry is known by: its key, or the name within its module of an ``AppKey`` of aiohttp."""
    if type(key) is str:
        return key
    try:
        name = instances.attribute(key, "_name")
    except AttributeError:
        return ""
    return name.rpartition(".")[2] if type(name) is str else ""
