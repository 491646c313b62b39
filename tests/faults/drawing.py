"""Draws inputs from what is right: with one value another, of its own type or of any, or with other bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.synthetic_runs import lines_of, make_run

Draw = Callable[..., Any]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
BOUNDED, LEAK = lines_of(make_run("bounded")), lines_of(make_run("leak"))


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, each in inner for found in paths_in(each, (*path, name)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a value with another in one place."""
    if not path:
        return new
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


def draw_lines(draw: Draw) -> list[bytes]:
    """Return the lines of a run, up to three of them changed."""
    whole = draw(st.sampled_from([BOUNDED, LEAK]))
    lines = list(whole)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = draw_line(draw, whole[at]) if draw(st.integers(0, 4)) == 0 else draw_alike(draw, whole[at])
    return lines


EXTREME = (0, -1, 1, 2**31, 2**63, -(2**63), 1e308, -1e308, 5e-324, 0.1)
NUMBERS = st.sampled_from(EXTREME) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
HOSTILE = (
    "",
    "x" * 5000,
    "<script>",
    "]]>",
    "\x1b[2J",
    "../../x",
    "/etc/passwd",
    "a:b[*].c",
    "|`*_",
    "\u202e",
    "{port}",
    "%s{0}",
)
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=30)


def draw_alike(draw: Draw, line: bytes) -> bytes:
    """Return a line in which one value, or a list's or table's, is another of the same type: what a reader lets in."""
    value = json.loads(line)
    path = draw(st.sampled_from([path for path in paths_in(value) if path and path != ("record",)] or [()]))
    old = value
    for name in path:
        old = old[name]
    match old:
        case bool() | None:
            new = draw(st.sampled_from([True, False, None]))
        case int() | float():
            new = draw(NUMBERS)
        case str():
            new = draw(TEXTS)
        case list():
            new = draw(st.sampled_from([[], old[:1], old * 2, old[::-1]]))
        case _:
            new = draw(st.dictionaries(TEXTS, st.sampled_from(list(old.values()) or [0]), max_size=3))
    return json.dumps(put(value, path, new)).encode() + b"\n"


def draw_line(draw: Draw, line: bytes) -> bytes:
    """Return a line of which one value is any JSON, or some bytes are any others."""
    if draw(st.booleans()):
        value = json.loads(line)
        path = draw(st.sampled_from(paths_in(value)))
        return json.dumps(put(value, path, draw(JSON))).encode() + b"\n"
    return draw_bytes(draw, line)


def draw_bytes(draw: Draw, whole: bytes) -> bytes:
    """Return bytes of which some, somewhere, are any others."""
    at = draw(st.integers(0, len(whole)))
    return whole[:at] + draw(st.binary(max_size=20)) + whole[at + draw(st.integers(0, 20)) :]
