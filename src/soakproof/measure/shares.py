"""Whose the growth of a traced wave is: what the agents tell, added up over the processes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from soakproof.culprits import TypeCount
from soakproof.samples import Share

MOST_SHARES = 200


def add_shares(told: list[dict[str, Any]], connections: int) -> list[Share]:
    """Return what each owner gained per connection in all processes together, the most bytes first.

    What the many smallest have is told as one share of nobody in particular, so that nothing is left out of the sum.
    """
    bytes_: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    types: dict[str, Counter[str]] = {}
    for share in told:
        owner = str(share["owner"])
        bytes_[owner] += share["bytes"]
        objects[owner] += share["objects"]
        types.setdefault(owner, Counter()).update(share["types"])
    order = [owner for owner, _ in bytes_.most_common()]
    rest = order[MOST_SHARES:]
    shares = [_share(owner, bytes_[owner], objects[owner], types[owner], connections) for owner in order[:MOST_SHARES]]
    if rest:
        small = sum(bytes_[owner] for owner in rest), sum(objects[owner] for owner in rest)
        shares.append(_share("others", *small, Counter(), connections))
    return shares


def _share(owner: str, bytes_: int, objects: int, types: Counter[str], connections: int) -> Share:
    return Share(
        owner=owner,
        per_connection_bytes=round(bytes_ / connections, 2),
        per_connection=round(objects / connections, 4),
        types=[
            TypeCount(name=name, per_connection=round(count / connections, 4)) for name, count in types.most_common()
        ],
    )
