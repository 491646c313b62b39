"""One contract for document states, kept by the registry in memory and by the one in Redis."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server.limits import Limits
from server.redis.store import project_key
from tests.server.contract import contract, eventually

pytestmark = pytest.mark.redis

# A second from one renewal to the end, half of one to the next: the machine may stop for as long.
IN_USE = Limits(document_ttl_s=1_000, document_recheck_s=500)


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
    assert [state.document_id for state in await kept.states.of_project("p", 100)] == ["b"]
    assert await kept.states.of_project("none", 100) == []
    await kept.states.put(replace(kept.state("later"), last_modified_s=kept.clock.now_s() + 1), None)
    assert [state.document_id for state in await kept.states.of_project("p", 1)] == ["later"]
    assert await kept.states.remove(("p", "later"), "delete")
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


@contract(IN_USE)
async def test_a_document_in_use_stays_until_its_last_client_leaves(kept):
    """A document that a client has open outlives its time several times over, and goes when the client has left."""
    kept.presence.join(("p", "d"), "s1")
    await kept.states.put(kept.state(), None)
    until_s = kept.clock.now_s() + 2_500
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


@contract(IN_USE)
async def test_a_project_forgets_the_ids_of_documents_that_are_gone(kept):
    """A project whose documents come and go, and which nobody ever lists, keeps no ids of theirs; one in use stays."""
    kept.presence.join(("p", "open"), "s1")
    await kept.states.put(kept.state("open"), None)
    for number in range(20):
        await kept.states.put(kept.state(f"d{number}"), None)
    until_s = kept.clock.now_s() + 2_500
    while kept.clock.now_s() < until_s:
        await kept.states.expire(100, "schedule")
        await asyncio.sleep(0.005)
        await kept.states.put(kept.state(f"at {kept.clock.now_s()}"), None)
    ids = await ids_kept(kept)
    assert "open" in ids
    assert ids.isdisjoint({f"d{number}" for number in range(20)})
    assert "open" in {state.document_id for state in await kept.states.of_project("p", 1_000)}


async def ids_kept(kept):
    if kept.store is None:
        return set(kept.states._by_project.members("p"))
    return set(await kept.store.client.zrange(project_key("p"), 0, -1))


@contract()
async def test_odd_ids_are_ids(kept):
    """Ids may hold any text: half a surrogate pair, a line's end, a pattern's star."""
    for document_id in ("\ud800", "a\nb\0c", "*", "ä€😀"):
        state = kept.state(document_id)
        assert await kept.states.put(state, None)
        assert await kept.states.get(state.key) == state
        wanted = kept.lock(document_id)
        assert await kept.locks.acquire(wanted) == wanted
    assert len(await kept.states.of_project("p", 100)) == 4
    assert len(await kept.locks.release_sid("s1", "disconnect")) == 4
