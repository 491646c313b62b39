"""Takes a sample a minute, raises alerts, and cleans up when memory is short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog

from server.cleanup import Cleanup
from server.clock import Clock
from server.connections import Emitter
from server.monitor.alerts import GROWTH, MB, Alerts, AlertState, measure_growth
from server.monitor.census import COUNTS, Counter
from server.monitor.history import History
from server.monitor.reading import READINGS, read_all
from server.monitor.webhook import post
from server.rooms import ALERTS

EVERY_S = 60.0
CLEANUP_ABOVE_BYTES = 0.8 * 1024 * MB

Reading = Callable[[], float]


class Monitor:
    """Sampling never stops the event loop: memory is read in a thread, and nothing collects or walks objects."""

    def __init__(
        self,
        clock: Clock,
        count: Counter,
        cleanup: Cleanup,
        alerts: Alerts,
        emitter: Emitter,
        *,
        webhook: str | None = None,
        readings: dict[str, Reading] = READINGS,
    ) -> None:
        self.history = History(("at_s", *readings, *COUNTS))
        self.alerts = alerts
        self._clock = clock
        self._count = count
        self._cleanup = cleanup
        self._emitter = emitter
        self._webhook = webhook
        self._readings = readings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="monitor")
        self._log = structlog.get_logger("server.monitor")

    async def read(self) -> dict[str, float | None]:
        """Return how it is now. Whoever asks often does not make the day of samples shorter."""
        loop = asyncio.get_running_loop()
        memory = await loop.run_in_executor(self._thread, read_all, self._readings)
        return {"at_s": self._clock.now_s(), **memory, **self._count(), GROWTH: measure_growth(self.history)}

    async def sample(self) -> None:
        """Take a sample, keep it, and act on it."""
        sample = await self.read()
        self.history.append(sample)
        sample[GROWTH] = measure_growth(self.history)
        for state in self.alerts.evaluate(sample, self._clock.now_s()):
            await self._announce(state)
        if (sample.get("rss_bytes") or 0) > CLEANUP_ABOVE_BYTES:
            await self._cleanup.run("memory")

    def stop(self) -> None:
        """End the reading thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _announce(self, state: AlertState) -> None:
        event = "alert_raised" if state.is_active else "alert_cleared"
        payload = state.to_wire()
        self._log.warning(event, **payload)
        await self._emitter.emit(event, payload, ALERTS)
        if self._webhook is not None:
            await self._post(self._webhook, {"event": event, **payload})

    async def _post(self, url: str, payload: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, partial(post, url, payload))
        except (OSError, ValueError) as error:
            self._log.warning("webhook failed", url=url, error=str(error))
