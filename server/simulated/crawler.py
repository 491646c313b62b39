"""A simulated crawler: fetches nothing, and reports progress as if it did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

_PAUSE_REAL_S = 0.01
_PAGES = 4


class CrawlStep(NamedTuple):
    """How far a crawl is."""

    status: str
    percentage: int
    pages: int
    log: str


class SimulatedCrawler:
    """Walks through four pages that are not there, in some 50 ms."""

    async def crawl(self, url: str, max_depth: int) -> AsyncIterator[CrawlStep]:
        """Yield the steps of a crawl, from ``starting`` to ``completed``."""
        yield CrawlStep("starting", 0, 0, f"[simulated] {url} to depth {max_depth}")
        for page in range(1, _PAGES + 1):
            await asyncio.sleep(_PAUSE_REAL_S)
            yield CrawlStep("crawling", 100 * page // (_PAGES + 1), page, f"[simulated] page {page}")
        await asyncio.sleep(_PAUSE_REAL_S)
        yield CrawlStep("completed", 100, _PAGES, f"[simulated] {_PAGES} pages")
