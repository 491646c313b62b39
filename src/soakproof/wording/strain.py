"""What strained the server, and what it took, in a sentence."""

from __future__ import annotations

from soakproof.judge.strain import LEAST_BYTES
from soakproof.judge.verdict import Strain
from soakproof.wording.numbers import say_bytes, say_seconds


def say_strain(strain: Strain) -> str:
    """Return by how much memory rose while clients strained the server, and what bounds it; without a full stop."""
    plural = "" if strain.clients == 1 else "s"
    who = f"While {strain.clients:,} client{plural} strained it, for {say_seconds(strain.seconds)}, the server took"
    if strain.bytes_more < LEAST_BYTES:
        return f"{who} no more memory than can be told from none ({say_bytes(LEAST_BYTES)} in all)"
    each = say_bytes(strain.bytes_more / strain.clients)
    end = "it was still growing when they were gone: time alone bounds it" if strain.is_rising else "then grew no more"
    return f"{who} up to {say_bytes(strain.bytes_more)} more than before, {each} each; {end}"
