"""The fields of a request, checked: what is not as it must be is answered with a sentence."""

from __future__ import annotations

from typing import Any, Optional

from ..origin.sourcelines import Line

LONGEST_S = 1e6


class RequestError(Exception):
    """A request that cannot be answered; its sentence goes back to the client."""


def optional_seconds(request: dict[str, Any], name: str) -> Optional[float]:
    """Return a positive number of seconds, or None where the request has null or nothing."""
    value = request.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < LONGEST_S:
        raise RequestError(f"{name}: got {value!r}; need seconds above 0, or null")
    return value


def whole_number(request: dict[str, Any], name: str, default: int) -> int:
    """Return a positive whole number, or the default where the request has none."""
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 31:
        raise RequestError(f"{name}: got {value!r}; need a whole number above 0")
    return value


def strings(request: dict[str, Any], name: str) -> list[str]:
    """Return a list of strings."""
    value = request.get(name)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RequestError(f"{name}: got {value!r}; need a list of strings")
    return value


def lines(request: dict[str, Any], name: str) -> list[Line]:
    """Return a list of pairs of a file and a line's number."""
    value = request.get(name)
    if not isinstance(value, list) or not all(is_pair(each, int) for each in value):
        raise RequestError(f"{name}: got {value!r}; need a list of [file, line]")
    return [(file, number) for file, number in value]


def pairs(request: dict[str, Any], name: str) -> list[tuple[str, Optional[str]]]:
    """Return a list of pairs of a string, and a string or None."""
    value = request.get(name)
    if not isinstance(value, list) or not all(is_pair(each, str, type(None)) for each in value):
        raise RequestError(f"{name}: got {value!r}; need a list of [metric, owner or null]")
    return [(metric, owner) for metric, owner in value]


def is_pair(value: Any, *second: type) -> bool:
    """Tell whether it is a list of a string, and of something that is of one of these types."""
    is_two = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 -- a pair
    return is_two and isinstance(value[0], str) and isinstance(value[1], second)
