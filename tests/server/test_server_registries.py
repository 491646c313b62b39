"""One contract for locks and document states, kept by the registries in memory and by those in Redis."""

from __future__ import annotations

import asyncio
import functools
import time
from dataclasses import replace

import pytest

from server.audit import AuditTrail
from server.clock import ScaledClock
from server.collaboration import registries_in_memory
from server.documents import DocumentState
from server.limits import Limits
from server.locks import DocumentLock
from server.problems import FullError, NotLockOwnerError
from server.redis.assembly import registries_in_redis
from server.redis.store import Store
from tests.server.redisdb import running_redis

pytestmark = pytest.mark.redis

# Durations of the clock pass a thousand times as fast, so that Redis' own expiry can be waited for.
SPEED = 1_000


@pytest.fixture(scope="module")
def redis_url():
    with running_redis() as url:
        yield url


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


@contract()
async def test_a_free_lock_is_taken(kept):
    """Whoever asks for a free lock has it."""
    wanted = kept.lock()
    assert await kept.locks.acquire(wanted) == wanted
    assert await kept.locks.holder("d") == wanted
    assert (kept.locks.count(), kept.locks.held_by("s1")) == (1, 1)


@contract()
async def test_a_held_lock_is_refused(kept):
    """Whoever asks for a held lock is told whose it is, and nothing changes."""
    standing = await kept.locks.acquire(kept.lock())
    assert await kept.locks.acquire(kept.lock(owner="bob", sid="s2")) == standing
    assert await kept.locks.holder("d") == standing
    assert kept.locks.held_by("s2") == 0


@contract()
async def test_the_same_owner_moves_the_lock(kept):
    """The owner's other connection takes the lock over, and the first one's end does not release it."""
    await kept.locks.acquire(kept.lock(sid="old"))
    moved = await kept.locks.acquire(kept.lock(sid="new"))
    assert await kept.locks.release_sid("old", "disconnect") == []
    assert await kept.locks.holder("d") == moved
    assert (kept.locks.held_by("old"), kept.locks.held_by("new")) == (0, 1)


@contract()
async def test_a_lock_expires(kept):
    """After its time a lock holds no more, is announced once, and is free for others."""
    await kept.locks.acquire(kept.lock(duration_s=20))
    await eventually(lambda: is_free(kept, "d"))
    expired = []

    async def swept():
        expired.extend(await kept.locks.expire(10, "schedule"))
        return bool(expired)

    await eventually(swept)
    assert [lock.document_id for lock in expired] == ["d"]
    assert await kept.locks.expire(10, "schedule") == []
    assert kept.locks.count() == 0
    taken = kept.lock(owner="bob", sid="s2")
    assert await kept.locks.acquire(taken) == taken


async def is_free(kept, document_id):
    return await kept.locks.holder(document_id) is None


@contract()
async def test_an_expired_lock_is_anybodys_before_it_is_swept(kept):
    """An expired lock can be taken at once; the sweep then leaves the new one alone."""
    await kept.locks.acquire(kept.lock(duration_s=20))
    await eventually(lambda: is_free(kept, "d"))
    taken = kept.lock(owner="bob", sid="s2")
    assert await kept.locks.acquire(taken) == taken
    assert await kept.locks.expire(10, "schedule") == []
    assert await kept.locks.holder("d") == taken


@contract()
async def test_only_the_owner_releases(kept):
    """Another's release is refused and says who holds the lock; a free lock is nobody's."""
    await kept.locks.acquire(kept.lock())
    with pytest.raises(NotLockOwnerError) as caught:
        await kept.locks.release("d", "bob", "unlock")
    assert caught.value.locked_by == "ann"
    assert (await kept.locks.release("d", "ann", "unlock")).document_id == "d"
    with pytest.raises(NotLockOwnerError) as caught:
        await kept.locks.release("d", "ann", "unlock")
    assert caught.value.locked_by is None
    assert (kept.locks.count(), kept.locks.held_by("s1")) == (0, 0)


@contract()
async def test_a_leavers_locks_are_released(kept):
    """All of a connection's locks go, and nobody else's."""
    for number in range(3):
        await kept.locks.acquire(kept.lock(f"d{number}"))
    others = await kept.locks.acquire(kept.lock("other", "bob", "s2"))
    released = await kept.locks.release_sid("s1", "disconnect")
    assert {lock.document_id for lock in released} == {"d0", "d1", "d2"}
    assert await kept.locks.holder("d1") is None
    assert await kept.locks.holder("other") == others
    assert kept.audit.removed["document_locks"] == 3


@contract(Limits(locks_per_client=2))
async def test_a_client_has_its_share_of_locks(kept):
    """A connection's third lock is refused where two are its share."""
    for number in range(2):
        await kept.locks.acquire(kept.lock(f"d{number}"))
    with pytest.raises(FullError, match="this connection holds 2 locks"):
        await kept.locks.acquire(kept.lock("d2"))


@contract(Limits(document_locks=2, document_states=2, redis_keys=2))
async def test_there_is_a_cap_on_all(kept):
    """At the cap, a new lock or document is refused, and what is known can still be changed."""
    for number in range(2):
        await kept.locks.acquire(kept.lock(f"d{number}", sid=f"s{number}"))
    with pytest.raises(FullError):
        await kept.locks.acquire(kept.lock("d2", sid="s2"))
    assert (await kept.locks.acquire(kept.lock("d1", sid="s1"))).document_id == "d1"


@contract()
async def test_a_state_is_stored_changed_and_removed(kept):
    """A state comes back as it was stored; a change names what it changes; removing works once."""
    first = kept.state(content={"deep": ["ä", 1.5, None]})
    assert await kept.states.put(first, None)
    assert await kept.states.get(first.key) == first
    second = replace(first, version=2, content="next")
    assert await kept.states.put(second, await kept.states.get(first.key))
    assert await kept.states.get(first.key) == second
    assert await kept.states.remove(first.key, "delete")
    assert not await kept.states.remove(first.key, "delete")
    assert await kept.states.get(first.key) is None


@contract()
async def test_a_change_of_what_has_changed_is_refused(kept):
    """Of two changes made from the same state, the second is not stored."""
    first = kept.state()
    await kept.states.put(first, None)
    stored = await kept.states.get(first.key)
    assert await kept.states.put(replace(first, version=2), stored)
    assert not await kept.states.put(replace(first, version=3), stored)
    assert not await kept.states.put(replace(first, version=4), None)
    assert (await kept.states.get(first.key)).version == 2


@contract()
async def test_a_projects_documents_are_listed(kept):
    """A project lists its own documents, and the list of projects says how many there are."""
    for document_id in ("a", "b"):
        await kept.states.put(kept.state(document_id), None)
    await kept.states.put(replace(kept.state("c"), project_id="q"), None)
    await kept.states.remove(("p", "a"), "delete")
    assert [state.document_id for state in await kept.states.of_project("p")] == ["b"]
    assert await kept.states.of_project("none") == []
    assert await kept.states.projects(10) == {"p": 1, "q": 1}
    assert len(await kept.states.projects(1)) == 1


@contract()
async def test_ids_that_read_alike_are_apart(kept):
    """Project ``a`` with document ``b:c`` is not project ``a:b`` with document ``c``."""
    one, other = replace(kept.state("b:c"), project_id="a"), replace(kept.state("c"), project_id="a:b")
    await kept.states.put(one, None)
    await kept.states.put(other, None)
    assert await kept.states.get(("a", "b:c")) == one
    assert await kept.states.get(("a:b", "c")) == other


@contract(Limits(document_ttl_s=100, document_recheck_s=20))
async def test_a_stale_document_goes(kept):
    """A document that nobody has open or locked is gone after its time."""
    await kept.states.put(kept.state(), None)

    async def is_gone():
        await kept.states.expire(10, "schedule")
        return await kept.states.get(("p", "d")) is None

    await eventually(is_gone)
    assert kept.states.count() == 0
    assert await kept.states.projects(10) == {}


@contract(Limits(document_ttl_s=100, document_recheck_s=20))
async def test_a_document_in_use_stays_until_its_last_client_leaves(kept):
    """A document that a client has open outlives its time several times over, and goes when the client has left."""
    kept.presence.join(("p", "d"), "s1")
    await kept.states.put(kept.state(), None)
    until_s = kept.clock.now_s() + 500
    while kept.clock.now_s() < until_s:
        await kept.states.expire(10, "schedule")
        assert await kept.states.get(("p", "d")) is not None
        await asyncio.sleep(0.005)
    kept.presence.leave(("p", "d"), "s1")
    kept.states.wake(("p", "d"))

    async def is_gone():
        await kept.states.expire(10, "schedule")
        return await kept.states.get(("p", "d")) is None

    await eventually(is_gone)


@contract()
async def test_odd_ids_are_ids(kept):
    """Ids may hold any text: half a surrogate pair, a line's end, a pattern's star."""
    for document_id in ("\ud800", "a\nb\0c", "*", "ä€😀"):
        state = kept.state(document_id)
        assert await kept.states.put(state, None)
        assert await kept.states.get(state.key) == state
        wanted = kept.lock(document_id)
        assert await kept.locks.acquire(wanted) == wanted
    assert len(await kept.states.of_project("p")) == 4
    assert len(await kept.locks.release_sid("s1", "disconnect")) == 4
