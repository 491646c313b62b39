"""The cleanup: the same steps at every trigger, each on its own feet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog

from server.limits import Limits

# A step deals with up to so many due entries, told at whose instance, and returns how many they were.
Step = Callable[[int, str], Awaitable[int]]

# What a leaver held is given back before the steps, and counted with them where that fails.
RELEASE = "release"
TRIGGERS = ("disconnect", "broadcast", "lock_expiry", "schedule", "memory", "manual")
# These are nobody's request: they may take their time, and leave nothing that is due.
THOROUGH = frozenset({"schedule", "lock_expiry", "memory", "manual"})


class Cleanup:
    """Runs the steps; counts what they did and how often each failed."""

    def __init__(self, steps: dict[str, Step], limits: Limits) -> None:
        self.steps = steps
        self.failures = dict.fromkeys((RELEASE, *steps), 0)
        self.runs = dict.fromkeys(TRIGGERS, 0)
        self._limits = limits
        self._log = structlog.get_logger("server.cleanup")

    async def run(self, trigger: str, only: tuple[str, ...] | None = None) -> dict[str, int]:
        """Run the steps, or those named by ``only``, and return what each dealt with; never raises.

        A trigger in a client's path removes at most a batch per step, so that one disconnect does not pay for
        thousands; the schedule takes the rest.
        """
        self.runs[trigger] += 1
        return {name: await self._run_step(name, trigger) for name in only or self.steps}

    async def run_locks(self) -> None:
        """Expire locks; where one did expire, time has passed for the others too: run all steps."""
        dealt_with = await self.run("schedule", only=("document_locks",))
        if any(dealt_with.values()):
            await self.run("lock_expiry")

    @contextmanager
    def noting_failure(self, step: str, **about: object) -> Iterator[None]:
        """Log a failure with its traceback, and count it, instead of raising it."""
        try:
            yield
        except Exception:  # noqa: BLE001 -- one failing step must not stop the others, nor reach the library
            self.failures[step] += 1
            self._log.exception("cleanup step failed", step=step, **about)

    async def _run_step(self, name: str, trigger: str) -> int:
        batch = self._limits.cleanup_batch
        dealt_with = 0
        with self.noting_failure(name, trigger=trigger):
            while True:
                count = await self.steps[name](batch, trigger)
                dealt_with += count
                if count < batch or trigger not in THOROUGH:
                    break
                await asyncio.sleep(0)
        return dealt_with
