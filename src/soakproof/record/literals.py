"""Values as they stand in a Python file, written as its formatter would write them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from soakproof.load.visit import placeholders
from soakproof.record.lifting import Filled, Variable

WIDTH = 100
MOST_BYTES = 64  # longer ones say nothing to a reader; as many of no meaning do as well
STEP = 4
_FILL = "self.identity.fill("


def literal(value: Any, column: int = 0, indent: int = 8, *, is_filled: bool = False) -> str:
    """Return a value as Python writes it.

    Args:
        value: A JSON value, bytes and tuples among it, with what `soakproof.record.lifting` put into it.
        column: Where in its line it begins.
        indent: How far that line is indented.
        is_filled: Whether it is filled in later: then braces that are no placeholders of ours are doubled.
    """
    if isinstance(value, Variable):
        return f"self.{value.name}"
    if isinstance(value, str):
        return _text(str(value) if isinstance(value, Filled) or not is_filled else placeholders.escape(value))
    if isinstance(value, bytes | bytearray):
        return repr(bytes(value)) if len(value) <= MOST_BYTES else f"bytes({len(value)})"
    if isinstance(value, dict):
        return _mapping(value, column, indent, is_filled=is_filled)
    if isinstance(value, list | tuple):
        return _sequence(value, column, indent, is_filled=is_filled)
    return repr(value)


def filled(value: Any, column: int = 0, indent: int = 8) -> str:
    """Return a value as an expression that fills in its placeholders, if it has any."""
    if has_placeholders(value):
        return f"{_FILL}{literal(value, column + len(_FILL), indent, is_filled=True)})"
    return literal(value, column, indent)


def has_placeholders(value: Any) -> bool:
    """Return whether there is something to be filled in, anywhere in a value."""
    if isinstance(value, dict):
        return any(has_placeholders(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(has_placeholders(item) for item in value)
    return isinstance(value, Filled)


def _text(text: str) -> str:
    """Return a text in the quotes that need the fewest escapes, as a raw string where it has backslashes of its own."""
    if "\\" in text and text.isprintable() and not text.endswith("\\") and not {'"', "'"} <= set(text):
        return f"r'{text}'" if '"' in text else f'r"{text}"'
    if "\\" in text or not text.isprintable() or '"' in text:
        return repr(text)
    return json.dumps(text, ensure_ascii=False)


def _mapping(value: dict[Any, Any], column: int, indent: int, *, is_filled: bool) -> str:
    inner = indent + STEP
    items = []
    for name, item in value.items():
        key = f"{literal(name, is_filled=is_filled)}: "
        items.append(key + literal(item, inner + len(key), inner, is_filled=is_filled))
    return _bracketed("{", items, "}", column, indent)


def _sequence(value: list[Any] | tuple[Any, ...], column: int, indent: int, *, is_filled: bool) -> str:
    inner = indent + STEP
    items = [literal(item, inner, inner, is_filled=is_filled) for item in value]
    if isinstance(value, list):
        return _bracketed("[", items, "]", column, indent)
    return _bracketed("(", items, ",)" if len(items) == 1 else ")", column, indent)


def _bracketed(opening: str, items: Iterable[str], closing: str, column: int, indent: int) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if "\n" not in line and column + len(line) <= WIDTH:
        return line
    inner = " " * (indent + STEP)
    return f"{opening}\n" + "".join(f"{inner}{item},\n" for item in items) + " " * indent + closing[-1]
