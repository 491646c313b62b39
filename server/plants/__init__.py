"""Planted leaks and traps: put in on purpose, imported only with ``--plant``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from server.app import Server
from server.plants import cleanups, leaks, mistakes, resources, traps

Plant = Callable[[Server], None]

LEAKS: dict[str, Plant] = {**cleanups.PLANTS, **mistakes.PLANTS, **leaks.PLANTS, **resources.PLANTS}
TRAPS: dict[str, Plant] = {**traps.PLANTS}
PLANTS: dict[str, Plant] = {**LEAKS, **TRAPS}


def describe() -> str:
    """Return a line per plant: its name and the sentence of its docstring."""
    leaking = [_line(name, plant) for name, plant in LEAKS.items()]
    bounded = [_line(name, plant) for name, plant in TRAPS.items()]
    return "\n".join(["Leaks:", *leaking, "", "Traps, which are bounded:", *bounded])


def _line(name: str, plant: Plant) -> str:
    return f"  {name:<20} {(plant.__doc__ or '').strip()}"


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
