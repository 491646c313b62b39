"""Planted leaks and traps: put in on purpose, imported only with ``--plant``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from server.app import Server
from server.plants import cleanups, leaks, mistakes, resources, traps

Leak = Callable[..., None]  # of a Server, and the rate of clients that leak where it is not to be the plant's own
Trap = Callable[[Server], None]

LEAKS: dict[str, Leak] = {**cleanups.PLANTS, **mistakes.PLANTS, **leaks.PLANTS, **resources.PLANTS}
TRAPS: dict[str, Trap] = {**traps.PLANTS}
PLANTS: dict[str, Callable[..., None]] = {**LEAKS, **TRAPS}


# These break registries of which there is nothing in the process when they are in Redis.
IN_MEMORY = frozenset({"document-states", "document-locks", "poison-record", "late-lock"})


class PlantError(Exception):
    """A plant that cannot be put in; its sentence says what to write instead."""


def describe() -> str:
    """Return a line per plant: its name and the sentence of its docstring."""
    return "\n".join(
        [
            "Leaks; NAME@0.01 has one client in a hundred leak instead:",
            *_lines(LEAKS),
            "",
            "Traps, which are bounded:",
            *_lines(TRAPS),
        ]
    )


def _lines(plants: Mapping[str, Callable[..., None]]) -> list[str]:
    return [f"  {name:<20} {(plant.__doc__ or '').strip()}" for name, plant in plants.items()]


def check(plants: Sequence[str], *, has_redis: bool) -> None:
    """End the process where there is nothing to plant: after ``help``, or with a sentence and 2 for what cannot be."""
    if "help" in plants:
        sys.stdout.write(describe() + "\n")
        sys.exit(0)
    try:
        for text in plants:
            _check_home(text, has_redis)
            _parse(text)
    except PlantError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def plant_all(server: Server, plants: Sequence[str]) -> None:
    """Plant each ``NAME`` or ``NAME@RATE``. Raises PlantError."""
    for text in plants:
        plant, rate = _parse(text)
        plant(server, *rate)


def _check_home(text: str, has_redis: bool) -> None:
    if has_redis and text.partition("@")[0] in IN_MEMORY:
        raise PlantError(f"--plant {text}: grows in this process, and with --redis that lives in Redis; leave one out")


def _parse(text: str) -> tuple[Callable[..., None], tuple[float, ...]]:
    """Return a plant and its rate, if one is given. Raises PlantError."""
    name, at, rate = text.partition("@")
    if name not in PLANTS:
        raise PlantError(f"--plant {text}: no such plant; need one of {', '.join(PLANTS)}")
    if not at:
        return PLANTS[name], ()
    if name in TRAPS:
        raise PlantError(f"--plant {text}: a trap has no rate; write {name}")
    return PLANTS[name], (_parse_rate(name, rate),)


def _parse_rate(name: str, rate: str) -> float:
    try:
        value = float(rate)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise PlantError(f"--plant {name}@{rate}: rate {rate!r}, need more than 0 and at most 1, as in {name}@0.01")
    return value
