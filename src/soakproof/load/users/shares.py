"""Sharing a number out by weights: exactly, the same way every time, and well mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def split(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Return how many of ``total`` fall to each name, by largest remainder; ties go to the name that stands first.

    Raises:
        ValueError: no weight is positive.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError(f"weights {dict(weights)}: need none negative, and one positive")
    exact = {name: total * weight / whole for name, weight in weights.items()}
    shares = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: shares[name] - exact[name])
    for name in by_remainder[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def deal(shares: Mapping[str, int]) -> Iterator[str]:
    """Yield each name as often as its share says, spread evenly over the whole: a, b, a, a, b, a."""
    total = sum(shares.values())
    dealt = dict.fromkeys(shares, 0)
    for position in range(1, total + 1):
        name = max(shares, key=lambda name: shares[name] * position / total - dealt[name])
        dealt[name] += 1
        yield name
