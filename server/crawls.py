"""``crawls``: the crawls that run, and for a minute more how they ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from server.audit import AuditTrail
from server.clock import Clock
from server.expiry import ExpiryIndex
from server.limits import Limits
from server.problems import FullError


@dataclass(slots=True)
class Crawl:
    """One crawl and how far it is; ``percentage`` from 0 to 100."""

    progress_id: str
    url: str
    started_s: float
    status: str = "starting"
    percentage: int = 0
    pages: int = 0
    is_over: bool = False
    log: str = field(default="")

    def to_wire(self) -> dict[str, Any]:
        """Return it as the progress events carry it."""
        return {
            "progressId": self.progress_id,
            "status": self.status,
            "percentage": self.percentage,
            "pages": self.pages,
            "currentUrl": self.url,
            "log": self.log,
        }


class Crawls:
    """Progress id → crawl."""

    def __init__(self, clock: Clock, limits: Limits, audit: AuditTrail) -> None:
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self.crawls: dict[str, Crawl] = {}
        self._ended: ExpiryIndex[str] = ExpiryIndex()

    def start(self, url: str) -> Crawl:
        """Add a crawl. Raises FullError at the cap, when all of them run."""
        if len(self.crawls) >= self._limits.crawls and not self._evict():
            raise FullError(f"{len(self.crawls)} crawls are running; try again later")
        crawl = Crawl(str(uuid.uuid4()), url, self._clock.now_s())
        self.crawls[crawl.progress_id] = crawl
        return crawl

    def get(self, progress_id: str) -> Crawl | None:
        """Return a crawl that runs or ended less than a minute ago."""
        return self.crawls.get(progress_id)

    def end(self, crawl: Crawl) -> None:
        """Note that a crawl is over; it is kept for a minute, for those who ask late."""
        crawl.is_over = True
        self._ended.set(crawl.progress_id, self._clock.now_s())

    async def expire(self, limit: int, trigger: str) -> int:
        """Remove up to ``limit`` crawls that ended more than a minute ago; return how many."""
        until_s = self._clock.now_s() - self._limits.crawl_ttl_s
        removed = 0
        for progress_id in self._ended.pop_due(until_s, limit):
            self._remove(progress_id, "ended", trigger)
            removed += 1
        return removed

    def _evict(self) -> bool:
        oldest = self._ended.pop_oldest()
        if oldest is not None:
            self._remove(oldest, "cap", "start")
        return oldest is not None

    def _remove(self, progress_id: str, why: str, trigger: str) -> None:
        crawl = self.crawls.pop(progress_id)
        self._audit.record("crawls", progress_id, why=why, since_s=crawl.started_s, trigger=trigger)
