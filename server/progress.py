"""``broadcast_times``: when a progress was last broadcast, so that it is not broadcast too often."""

from __future__ import annotations

from server.audit import AuditTrail
from server.clock import Clock
from server.expiry import ExpiryIndex
from server.limits import Limits

ALWAYS_PASS = frozenset({"starting", "completed", "complete", "error"})
ENDED = frozenset({"completed", "complete", "error", "cancelled"})


class BroadcastTimes:
    """Progress id → time of its last accepted broadcast, in seconds."""

    def __init__(self, clock: Clock, limits: Limits, audit: AuditTrail) -> None:
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self.broadcast_times: dict[str, float] = {}
        self._by_age: ExpiryIndex[str] = ExpiryIndex()

    def accept(self, progress_id: str, status: str) -> bool:
        """Return whether a broadcast may go out now, and remember it if so.

        One per id per 0.1 s; the statuses starting, completed, complete and error always pass.
        """
        now_s = self._clock.now_s()
        last_s = self.broadcast_times.get(progress_id)
        if last_s is not None and now_s - last_s < self._limits.broadcast_gap_s and status not in ALWAYS_PASS:
            return False
        self.broadcast_times[progress_id] = now_s
        self._by_age.set(progress_id, now_s)
        self.evict()
        return True

    def is_crowded(self) -> bool:
        """Return whether there are enough entries for a broadcast to clean up as it goes."""
        return len(self.broadcast_times) > self._limits.broadcast_inline

    def end(self, progress_id: str) -> None:
        """Forget a progress that has ended."""
        self._by_age.discard(progress_id)
        self._remove(progress_id, "ended", "progress")

    def evict(self) -> None:
        """Keep to the cap: the oldest go first. What is lost is only that they were broadcast of late."""
        while len(self.broadcast_times) > self._limits.broadcast_times:
            oldest = self._by_age.pop_oldest()
            if oldest is None:
                return
            self._remove(oldest, "cap", "broadcast")

    async def expire(self, limit: int, trigger: str) -> int:
        """Remove up to ``limit`` entries older than a minute; return how many."""
        until_s = self._clock.now_s() - self._limits.broadcast_ttl_s
        removed = 0
        for progress_id in self._by_age.pop_due(until_s, limit):
            self._remove(progress_id, "expired", trigger)
            removed += 1
        return removed

    def _remove(self, progress_id: str, why: str, trigger: str) -> None:
        last_s = self.broadcast_times.pop(progress_id, None)
        if last_s is not None:
            self._audit.record("broadcast_times", progress_id, why=why, since_s=last_s, trigger=trigger)
