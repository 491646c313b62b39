"""Registries of both kinds, in memory and in Redis, for the contract that both have to keep."""

from __future__ import annotations

import asyncio
import functools
import time

import pytest

from server.audit import AuditTrail
from server.clock import ScaledClock
from server.collaboration import registries_in_memory
from server.documents import DocumentState
from server.limits import Limits
from server.locks import DocumentLock
from server.redis.assembly import registries_in_redis
from server.redis.store import Store

# Durations of the clock pass a thousand times as fast, so that Redis' own expiry can be waited for.
SPEED = 1_000


class Kept:
    """The registries of one worker, and what they are built on."""

    def __init__(self, kind, url, epoch_s, limits):
        self.clock = ScaledClock(SPEED, epoch_s)
        self.audit = AuditTrail(self.clock, 100)
        self.store = Store(url, self.clock) if kind == "redis" else None
        if self.store is None:
            registries = registries_in_memory(self.clock, limits, self.audit)
        else:
            registries = registries_in_redis(self.store, self.clock, limits, self.audit)
        self.locks, self.states, self.presence = (
            registries.document_locks,
            registries.document_states,
            registries.presence,
        )

    def lock(self, document_id="d", owner="ann", sid="s1", duration_s=300.0):
        now_s = self.clock.now_s()
        return DocumentLock(document_id, "p", owner, owner, sid, now_s, now_s + duration_s)

    def state(self, document_id="d", version=1, content="text"):
        return DocumentState("p", document_id, "title", content, {"a": 1}, version, self.clock.now_s(), "ann")

    async def close(self):
        if self.store:
            await self.store.client.flushall()
            await self.store.close()


def contract(limits=None):
    """Make a test out of a coroutine: run once per kind of registry."""

    def decorate(check):
        @pytest.mark.parametrize("kind", ["memory", "redis"])
        @functools.wraps(check)
        def run(kind, redis_url):
            async def run_check():
                kept = Kept(kind, redis_url, time.time(), limits or Limits(document_recheck_s=60.0))
                try:
                    await check(kept)
                finally:
                    await kept.close()

            asyncio.run(run_check())

        del run.__wrapped__  # pytest would look for a fixture called ``kept``
        return run

    return decorate


async def eventually(condition):
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 -- it is Redis that changes
            await asyncio.sleep(0.005)
