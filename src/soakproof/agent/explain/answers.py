"""The shape of an explanation: retainers from the root, types and sites with their numbers, and a sentence."""

from __future__ import annotations

from typing import Any

Answer = dict[str, Any]


def empty(note: str) -> Answer:
    """Return an answer that only says why there is nothing to tell."""
    return {"retainers": [], "types": {}, "sites": [], "note": note}
