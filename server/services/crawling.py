"""Crawls and the broadcasting of their progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import structlog

from server.cleanup import Cleanup
from server.connections import Connection, Connections, Emitter
from server.crawls import Crawl, Crawls
from server.limits import Limits
from server.progress import ENDED, BroadcastTimes
from server.rooms import crawl_room, progress_room
from server.simulated.crawler import CrawlStep
from server.tasks import Tasks


class Crawler(Protocol):
    """Who crawls."""

    def crawl(self, url: str, max_depth: int) -> AsyncIterator[CrawlStep]:
        """Yield the steps of a crawl."""


class Crawling:
    """The use of `Crawls` and `BroadcastTimes`."""

    def __init__(
        self,
        limits: Limits,
        crawls: Crawls,
        broadcast_times: BroadcastTimes,
        crawler: Crawler,
        cleanup: Cleanup,
        tasks: Tasks,
        connections: Connections,
        emitter: Emitter,
    ) -> None:
        self.crawls = crawls
        self._limits = limits
        self._broadcast_times = broadcast_times
        self._crawler = crawler
        self._cleanup = cleanup
        self._tasks = tasks
        self._connections = connections
        self._emitter = emitter
        self._running: dict[str, asyncio.Task[None]] = {}
        self._log = structlog.get_logger("server.crawl")

    def start(self, url: str, max_depth: int) -> Crawl:
        """Begin a crawl. Raises FullError."""
        crawl = self.crawls.start(url)
        task = self._tasks.start(self._run(crawl, max_depth), f"crawl {crawl.progress_id}")
        self._running[crawl.progress_id] = task
        task.add_done_callback(lambda _: self._running.pop(crawl.progress_id, None))
        return crawl

    async def stop(self, progress_id: str) -> str | None:
        """Stop a crawl and tell its room; return why not, or None when it was stopped."""
        crawl, task = self.crawls.get(progress_id), self._running.get(progress_id)
        if crawl is None or task is None or crawl.is_over:
            complaint = f"no running crawl {progress_id!r}"
            await self._tell(progress_id, "crawl:error", {"progressId": progress_id, "error": complaint})
            return complaint
        await self._tell(progress_id, "crawl:stopping", {"progressId": progress_id})
        task.cancel()
        await asyncio.wait([task])
        if crawl.status != "cancelled":
            await self._end(crawl, "cancelled")
        await self._tell(progress_id, "crawl:stopped", {"progressId": progress_id})
        return None

    async def follow(self, connection: Connection, progress_id: str) -> None:
        """Let a client follow a progress as a project's; show it what is known."""
        await self._connections.enter(connection, progress_room(progress_id))
        crawl = self.crawls.get(progress_id)
        if crawl is not None:
            await self._connections.reply(connection, "project_progress", crawl.to_wire())

    async def follow_crawl(self, connection: Connection, progress_id: str) -> None:
        """Let a client follow a crawl; show it what is known, and acknowledge."""
        await self._connections.enter(connection, crawl_room(progress_id))
        crawl = self.crawls.get(progress_id)
        if crawl is not None:
            await self._connections.reply(connection, "crawl_progress", crawl.to_wire())
        status = "unknown" if crawl is None else crawl.status
        acknowledgement = {"progress_id": progress_id, "status": status}
        await self._connections.reply(connection, "crawl_subscribe_ack", acknowledgement)

    async def broadcast(self, crawl: Crawl) -> None:
        """Tell followers how far a crawl is, unless they were told a moment ago."""
        if not self._broadcast_times.accept(crawl.progress_id, crawl.status):
            return
        payload = crawl.to_wire()
        await self._tell(crawl.progress_id, "crawl_progress", payload)
        await self._emitter.emit("project_progress", payload, progress_room(crawl.progress_id))
        if self._broadcast_times.is_crowded():
            await self._cleanup.run("broadcast")

    async def _run(self, crawl: Crawl, max_depth: int) -> None:
        try:
            async with asyncio.timeout(self._limits.crawl_real_s):
                async for step in self._crawler.crawl(crawl.url, max_depth):
                    crawl.status, crawl.percentage, crawl.pages, crawl.log = step
                    await self.broadcast(crawl)
        except Exception as error:  # noqa: BLE001 -- a crawl that fails has ended, and says so
            self._log.warning("crawl failed", url=crawl.url, error=repr(error))
            crawl.log = "the crawl took too long" if isinstance(error, TimeoutError) else "the crawl failed"
            crawl.status = "error"
            await self.broadcast(crawl)
        finally:
            await self._end(crawl, crawl.status if crawl.status in ENDED else "cancelled")

    async def _end(self, crawl: Crawl, status: str) -> None:
        crawl.status = status
        self._broadcast_times.end(crawl.progress_id)
        self.crawls.end(crawl)

    async def _tell(self, progress_id: str, event: str, payload: dict[str, Any]) -> None:
        await self._emitter.emit(event, payload, crawl_room(progress_id))
