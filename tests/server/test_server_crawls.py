"""Crawls, as those who follow them see them."""

from __future__ import annotations

import asyncio

import pytest

from server.simulated.crawler import SimulatedCrawler
from tests.server.world import World, until


def test_following_a_crawl():
    """What is known comes first, then the acknowledgement; then each step, to its end; then it is forgotten."""

    async def follow():
        world = World(crawler=SimulatedCrawler())
        await world.connect("ann")
        crawl = world.domain.crawling.start("http://example.invalid", 1)
        ref = {"progress_id": crawl.progress_id}
        await world.send("ann", "crawl_subscribe", ref)
        await world.send("ann", "subscribe_progress", ref)
        await until(lambda: not world.domain.tasks.running)
        status = await world.send("ann", "get_task_status", {"task_id": crawl.progress_id})
        world.clock.advance(100)
        await world.domain.cleanup.run("schedule")
        unknown = await world.send("ann", "get_task_status", {"task_id": crawl.progress_id})
        return world, status, unknown

    world, status, unknown = asyncio.run(follow())
    assert world.emitter.events("ann")[0] == "crawl_progress"
    assert "crawl_subscribe_ack" in world.emitter.events("ann")
    assert world.emitter.payloads("ann", "crawl_progress")[-1]["status"] == "completed"
    assert world.emitter.payloads("ann", "project_progress")[-1]["percentage"] == 100
    assert (status["success"], status["status"], unknown["success"]) == (True, "completed", False)
    assert not any(world.counts().values())


@pytest.mark.parametrize(("event", "key"), [("crawl_stop", "progress_id"), ("cancel_crawl", "task_id")])
def test_stopping_a_crawl(event, key):
    """The room hears that it is stopping and that it has stopped; the sender gets it in the acknowledgement."""

    async def stop():
        world = World()
        await world.connect("ann")
        crawl = world.domain.crawling.start("http://example.invalid", 1)
        await world.send("ann", "crawl_subscribe", {"progress_id": crawl.progress_id})
        acknowledged = await world.send("ann", event, {key: crawl.progress_id})
        again = await world.send("ann", event, {key: crawl.progress_id})
        return world, acknowledged, again

    world, acknowledged, again = asyncio.run(stop())
    heard = [name for name in world.emitter.events("ann") if name.startswith("crawl:")]
    assert heard == ["crawl:stopping", "crawl:stopped", "crawl:error"]
    assert (acknowledged["success"], again["success"]) == (True, False)
    assert world.counts()["broadcast_times"] == 0
