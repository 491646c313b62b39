"""One contract for locks, kept by the registry in memory and by the one in Redis."""

from __future__ import annotations

import pytest

from server.limits import Limits
from server.problems import FullError, NotLockOwnerError
from tests.server.contract import contract, eventually

pytestmark = pytest.mark.redis


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
