"""A probe of many containers under one path: what moves into its sight has not grown for that."""

from __future__ import annotations

from soakproof.agent.trace.fillinglines import NEWEST, Probe

ENTRIES = 3


def test_an_older_container_that_moves_into_sight_has_not_grown() -> None:
    """Where the newest go, those before them are watched in their place, with all their entries from the start."""
    rooms = {number: [number] * ENTRIES for number in range(NEWEST + 10)}
    probe = Probe("app:ROOMS[*]", list(rooms.values()), rooms)
    del rooms[NEWEST + 9]
    assert probe.measure() == 0
    rooms[NEWEST + 8].append(0)
    assert probe.measure() == 1


def test_a_new_container_has_grown_by_all_that_it_holds() -> None:
    """An entry of the holder that came since is filled from nothing."""
    rooms = {number: [number] * ENTRIES for number in range(NEWEST)}
    probe = Probe("app:ROOMS[*]", list(rooms.values()), rooms)
    rooms[NEWEST] = [0, 0]
    assert probe.measure() == 2
