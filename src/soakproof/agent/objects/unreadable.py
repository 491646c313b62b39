"""What could not be read is skipped, counted by its type, and told: one odd object never costs a census."""

from __future__ import annotations

from typing import Any, Callable, Optional, TypeVar

from . import kinds

Answer = TypeVar("Answer")

MOST_TOLD = 20  # types; what more there are goes under the name below
OTHERS = "others"
LONGEST_TOLD = 120

_counts: dict[str, int] = {}


def note(of: type, error: BaseException, count: int = 1) -> None:
    """Count things of a type of which a reading has failed."""
    told = f"{kinds.describe_type(of)} ({kinds.describe_type(type(error))})"[:LONGEST_TOLD]
    name = told if told in _counts or len(_counts) < MOST_TOLD else OTHERS
    _counts[name] = _counts.get(name, 0) + count


def attempt(of: type, read: Callable[..., Answer], *arguments: Any) -> Optional[Answer]:
    """Return what reading something of a type comes to, None where that fails; it is counted then."""
    try:
        return read(*arguments)
    except Exception as error:
        note(of, error)
        return None


def take() -> dict[str, int]:
    """Return ``{type and error: how many}`` since the last time, and forget it."""
    counted = dict(_counts)
    _counts.clear()
    return counted
