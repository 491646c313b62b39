"""The plan of an order: which user starts when, of which class, how it will leave. Pure, and the same every time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from soakproof.load.drops import MODES
from soakproof.load.orders import Order
from soakproof.load.users.shares import deal, split

FASTEST_PER_S = 1000.0  # a wave is spread over a second, or more if it is large: servers' accept queues are short
LEAVES_WITHIN_S = 3.0  # after the end of its stay, unless it leaves without a word
LONGEST_SILENCE_S = 30.0  # of a client that says nothing, until the server gives it up


class Kind(NamedTuple):
    """A class of Locust users, as far as sharing clients out among classes goes."""

    name: str
    weight: float
    fixed_count: int


class Arrival(NamedTuple):
    """A user that is to start: seconds after the order began, its class's name, drop mode, number from 1, and wave."""

    due_s: float
    user_class: str
    mode: str
    number: int
    wave: int


def opening_rate(order: Order) -> float:
    """Return how many clients a second are to arrive."""
    return order.rate or min(float(max(order.clients, 1)), FASTEST_PER_S)


def most_at_once(order: Order, clients: int) -> int:
    """Return how many of the clients may be open at one moment: in a steady phase those that came within a stay."""
    if order.rate is None or order.seconds is None:
        return clients
    return min(clients, math.ceil(order.rate * (order.stay_s + LONGEST_SILENCE_S)))


def count_connections(arrivals: Iterable[Arrival]) -> int:
    """Return how many connections so many users make: some drop modes reconnect."""
    return sum(1 + MODES[arrival.mode].comes_back for arrival in arrivals)


def plan_arrivals(order: Order, kinds: Sequence[Kind]) -> Iterator[Arrival]:
    """Yield the users of an order as they are due."""
    rate = opening_rate(order)
    names = deal(share_among(order.clients, kinds))
    for number, (name, mode) in enumerate(zip(names, deal_modes(order), strict=True)):
        yield Arrival(number / rate, name, mode, number % count_places(order) + 1, order.index)


def count_places(order: Order) -> int:
    """Return how many clients have numbers of their own: in a steady phase one who comes takes one of who has left."""
    if order.rate is None or order.seconds is None:
        return max(order.clients, 1)
    return math.ceil(order.rate * (order.stay_s + LEAVES_WITHIN_S))


def deal_modes(order: Order) -> Iterator[str]:
    """Yield how each client of an order will leave, as they are due: well mixed, or the silent ones first."""
    shares = split(order.clients, order.drops)
    if order.silent_first:
        yield from deal({mode: share for mode, share in shares.items() if MODES[mode].is_silent})
        shares = {mode: share for mode, share in shares.items() if not MODES[mode].is_silent}
    yield from deal(shares)


def share_among(clients: int, kinds: Sequence[Kind]) -> dict[str, int]:
    """Return how many clients each class gets: what it fixes first, the rest by weight, as Locust does."""
    shares: dict[str, int] = {}
    left = clients
    for kind in kinds:
        shares[kind.name] = min(kind.fixed_count, left)
        left -= shares[kind.name]
    weights = {kind.name: kind.weight for kind in kinds if not kind.fixed_count}
    return {**shares, **split(left, weights)} if weights else shares
