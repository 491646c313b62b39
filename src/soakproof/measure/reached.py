"""Whether the load reached the target: a run goes on only with clients that are there, and that do something."""

from __future__ import annotations

from soakproof.errors import LoadError, UnreachableError
from soakproof.load.orders import Order
from soakproof.samples import Wave

HELD_SHARE = 0.98


def check_reached(wave: Wave) -> None:
    """Refuse to go on where not one client could connect: every further wave would be as empty.

    Raises:
        UnreachableError: that is so; its message ends without saying what to do.
    """
    if wave.opened or not wave.intended:
        return
    mostly = max(wave.errors, key=lambda error: wave.errors[error], default="")
    raise UnreachableError(
        f"0 of {wave.intended:,} clients could connect in the first wave{f' (mostly: {mostly})' if mostly else ''}"
    )


def check_held(order: Order, wave: Wave, still_open: int) -> None:
    """Refuse to go on with held clients that are no longer there, or that send nothing.

    Raises:
        LoadError: that is so.
    """
    if not order.events:
        return
    if still_open < HELD_SHARE * order.clients:
        raise LoadError(
            f"burst {order.index}: {still_open} of {order.clients} held clients are still connected to the target; "
            "need all of them to stay, so see what they stumbled over in locust.log and target.log, and whether they "
            "answer its pings (--keep-ping leaves those as they are)"
        )
    if not wave.events:
        raise LoadError(f"burst {order.index}: the held clients sent no event; have their tasks emit or call something")
