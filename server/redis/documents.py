"""``document_states`` for several workers: kept in Redis, which lets them expire an hour after their last change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.audit import AuditTrail
from server.clock import Clock
from server.documents import DocumentState
from server.expiry import ExpiryIndex
from server.limits import Limits
from server.presence import DocumentKey
from server.problems import FullError
from server.redis.store import PROJECTS, Store, project_key, read_state, state_key, write

# KEYS: state, project's documents, projects. ARGV: expected, new, milliseconds, document, project, now, most keys,
# most projects, since when an id was not seen alive whose document has expired. Returns 1 when stored, 0 when another
# state stands, -1 when full.
_PUT = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[1] == '' and redis.call('DBSIZE') >= tonumber(ARGV[7]) then return -1 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[6], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[5])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[8]))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[9])
for _, key in ipairs({KEYS[2], KEYS[3]}) do redis.call('PEXPIRE', key, 2 * tonumber(ARGV[3])) end
return 1
"""
_FULL = -1


class RedisStates:
    """A `server.documents.StateRegistry`.

    A document that a client of this worker has open is kept alive from here, a recheck at a time, so that it outlives
    neither its last client nor the death of this worker by more than two rechecks.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        limits: Limits,
        audit: AuditTrail,
        is_in_use: Callable[[DocumentKey], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self._is_in_use = is_in_use
        self._put_script: Any = store.client.register_script(_PUT)
        self._watched: ExpiryIndex[DocumentKey] = ExpiryIndex()

    async def get(self, key: DocumentKey) -> DocumentState | None:
        """See `StateRegistry.get`."""
        text = await self._store.client.get(state_key(*key))
        if text is None:
            return None
        self._watch(key)
        return read_state(text)

    async def put(self, state: DocumentState, expected: DocumentState | None) -> bool:
        """See `StateRegistry.put`."""
        keys = [state_key(*state.key), project_key(state.project_id), PROJECTS]
        result = await self._put_script(
            keys=keys,
            args=[
                "" if expected is None else write(expected),
                write(state),
                self._store.real_ms(self._limits.document_ttl_s),
                state.document_id,
                state.project_id,
                state.last_modified_s,
                self._limits.redis_keys,
                self._limits.projects_listed,
                state.last_modified_s - self._limits.document_ttl_s - 2 * self._limits.document_recheck_s,
            ],
        )
        if result == _FULL:
            raise FullError("there are too many locks and documents; try again later")
        if result:
            self._watch(state.key)
        return bool(result)

    async def remove(self, key: DocumentKey, trigger: str) -> bool:
        """See `StateRegistry.remove`."""
        self._watched.discard(key)
        async with self._store.client.pipeline() as pipe:
            pipe.getdel(state_key(*key))
            pipe.zrem(project_key(key[0]), key[1])
            text, _ = await pipe.execute()
        if text is None:
            return False
        since_s = read_state(text).last_modified_s
        self._audit.record("document_states", "/".join(key), why="deleted", since_s=since_s, trigger=trigger)
        return True

    async def of_project(self, project_id: str, limit: int) -> list[DocumentState]:
        """See `StateRegistry.of_project`; ids whose document has expired are forgotten on the way."""
        ids = await self._store.client.zrevrange(project_key(project_id), 0, limit - 1)
        if not ids:
            return []
        texts = await self._store.client.mget([state_key(project_id, document_id) for document_id in ids])
        gone = [document_id for document_id, text in zip(ids, texts, strict=True) if text is None]
        if gone:
            await self._store.client.zrem(project_key(project_id), *gone)
        return [read_state(text) for text in texts if text is not None]

    async def projects(self, limit: int) -> dict[str, int]:
        """See `StateRegistry.projects`: the last changed ones."""
        names = await self._store.client.zrevrange(PROJECTS, 0, limit - 1)
        counts = {name: await self._count_of(name) for name in names}
        return {name: count for name, count in counts.items() if count}

    async def _count_of(self, project_id: str) -> int:
        ids = await self._store.client.zrange(project_key(project_id), 0, -1)
        keys = [state_key(project_id, document_id) for document_id in ids]
        return int(await self._store.client.exists(*keys)) if keys else 0

    def wake(self, key: DocumentKey) -> None:
        """See `StateRegistry.wake`: nobody here keeps it alive any more; its time in Redis runs out."""
        if not self._is_in_use(key):
            self._watched.discard(key)

    async def expire(self, limit: int, trigger: str) -> int:  # noqa: ARG002 -- Redis removes, whoever asks
        """See `StateRegistry.expire`: keeps alive what is in use here; the rest expires in Redis."""
        due = list(self._watched.pop_due(self._clock.now_s(), limit))
        for key in filter(self._is_in_use, due):
            self._watch(key)
            await self._keep_alive(key)
        return len(due)

    def count(self) -> int:
        """See `StateRegistry.count`: those this worker keeps alive."""
        return len(self._watched)

    async def _keep_alive(self, key: DocumentKey) -> None:
        alive_ms = self._store.real_ms(2 * self._limits.document_recheck_s)
        async with self._store.client.pipeline() as pipe:
            # GT: the hour after the last change may be longer than that. XX: only what is there.
            pipe.pexpire(state_key(*key), alive_ms, gt=True)
            pipe.pexpire(project_key(key[0]), alive_ms, gt=True)
            pipe.zadd(project_key(key[0]), {key[1]: self._clock.now_s()}, xx=True)
            await pipe.execute()

    def _watch(self, key: DocumentKey) -> None:
        # One that is watched already keeps its time: reading it often must not put its refreshing off.
        if key not in self._watched and self._is_in_use(key):
            self._watched.set(key, self._clock.now_s() + self._limits.document_recheck_s)
