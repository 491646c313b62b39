"""The record of an order that the load generator carried out."""

from __future__ import annotations

from collections import Counter

import msgspec

from soakproof.agent.objects.masking import mask
from soakproof.load.orders import Order
from soakproof.samples import Tally, Wave


def to_wave(order: Order, tally: Tally, t_start_s: float, t_end_s: float) -> Wave:
    """Put together the record of an order that was carried out."""
    return Wave(
        index=order.index,
        phase=order.phase,
        t_start_s=round(t_start_s, 4),
        t_end_s=round(t_end_s, 4),
        **{**msgspec.structs.asdict(tally), "errors": mask_errors(tally.errors)},
    )


def mask_errors(errors: dict[str, int]) -> dict[str, int]:
    """Return the failures without secrets: a URL or a server's answer may repeat one."""
    masked: Counter[str] = Counter()
    for error, times in errors.items():
        masked[mask(error)] += times
    return dict(masked)
