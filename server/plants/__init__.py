"""Planted leaks and traps: put in on purpose, imported only with ``--plant``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from server.app import Server
from server.plants import cleanups

Plant = Callable[[Server], None]

PLANTS: dict[str, Plant] = {**cleanups.PLANTS}


def describe() -> str:
    """Return one line per plant: its name and the sentence of its docstring."""
    width = max(map(len, PLANTS))
    return "\n".join(f"{name:<{width}}  {(plant.__doc__ or '').strip()}" for name, plant in PLANTS.items())


def plant_all(server: Server, names: Sequence[str]) -> None:
    """Plant each by name; ``help`` lists them and ends the process, an unknown name ends it with exit code 2."""
    if "help" in names:
        sys.stdout.write(describe() + "\n")
        sys.exit(0)
    for name in names:
        if name not in PLANTS:
            sys.stderr.write(f"--plant {name}: no such plant; need one of {', '.join(PLANTS)}\n")
            sys.exit(2)
        PLANTS[name](server)
