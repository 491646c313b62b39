"""A program whose state grows in what has no length of its own; each line on stdin, a number, adds so many to each.

Tuples and frozen sets are copied as they grow, and attributes are set under names that no one wrote.
"""

import dataclasses
import functools
import io
import sys
import types


class Bus:
    """Copies its listeners whenever there is one more."""

    def __init__(self):
        self.listeners = ()

    def listen(self, callback):
        self.listeners = (*self.listeners, callback)


class Presence:
    """Copies the set of who is there."""

    def __init__(self):
        self.online = frozenset()


class Settings:
    """Has an attribute for each visitor."""


@dataclasses.dataclass(frozen=True)
class State:
    """Is replaced as a whole."""

    seen: tuple = ()


class Visit:
    """Has a tuple of its own, of which there are as many as visits."""

    def __init__(self, number):
        self.address = ("127.0.0.1", number)


def make_adder():
    """Return a method of a list that nothing else refers to."""
    kept = []
    return kept.append


BUS, PRESENCE, STATE, NAMES, HISTORY = Bus(), Presence(), State(), (), io.BytesIO()
SHELF = types.SimpleNamespace()
VIEW = types.MappingProxyType({"beside": 1.5})
ADD = make_adder()
COUNT = functools.partial(lambda seen, number: seen.append(number), [])
VISITS = []


def count(number):
    """Keep what it was called with."""
    count.calls = (*getattr(count, "calls", ()), number)


def add(number):
    """Add to each."""
    global STATE, NAMES  # noqa: PLW0603 -- what is replaced under a name is the point
    NAMES += (f"visitor {number}",)
    BUS.listen(lambda: number)
    PRESENCE.online |= {f"visitor {number}"}
    STATE = dataclasses.replace(STATE, seen=(*STATE.seen, number * 1000.5))
    setattr(SHELF, f"visitor_{number}", number * 1000.5)
    setattr(Settings, f"visitor_{number}", [])
    HISTORY.write(b"came\n")
    VISITS.append(Visit(number))
    count(number * 1000.5)
    ADD(number * 1000.5)
    COUNT(number)


def main():
    """Obey."""
    number = 0
    print("ready", flush=True)
    while line := sys.stdin.readline():
        for _ in range(int(line)):
            number += 1
            add(number)
        print("done", flush=True)


if __name__ == "__main__":
    main()
