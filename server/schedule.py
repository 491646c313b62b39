"""Work that comes round by the server's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from server.clock import Clock

# However fast the clock runs, the event loop is not to be filled with coming round.
MIN_REAL_S = 0.05


async def repeat(
    clock: Clock, period_s: float, work: Callable[[], Awaitable[object]], *, min_real_s: float = MIN_REAL_S
) -> None:
    """Do ``work`` every ``period_s`` seconds of the clock until cancelled; a failure is logged and costs one turn."""
    log = structlog.get_logger("server.schedule")
    while True:
        await asyncio.sleep(max(min_real_s, clock.real_s(period_s)))
        try:
            await work()
        except Exception:
            log.exception("scheduled work failed", work=getattr(work, "__name__", repr(work)))
