"""The connection to Redis, and how what is kept there is named and written."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import redis.asyncio as redis

from server.clock import Clock
from server.documents import DocumentState
from server.locks import DocumentLock

PREFIX = "collab"


class Store:
    """One connection pool. Durations are the server's clock's seconds; Redis gets real milliseconds."""

    def __init__(self, url: str, clock: Clock) -> None:
        # Ids are free text, and may hold half a surrogate pair; Redis keeps bytes, so they pass.
        # Its types cannot say that decode_responses makes every answer text.
        self.client: Any = redis.Redis.from_url(url, decode_responses=True, encoding_errors="surrogatepass")
        self._clock = clock

    def real_ms(self, seconds: float) -> int:
        """Return a duration as Redis counts it; at least 1, because 0 is no expiry to Redis."""
        return max(1, round(self._clock.real_s(seconds) * 1000))

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()


def lock_key(document_id: str) -> str:
    """Return where a document's lock is kept."""
    return f"{PREFIX}:lock:{document_id}"


def state_key(project_id: str, document_id: str) -> str:
    """Return where a document's state is kept; the length keeps pairs of ids apart."""
    return f"{PREFIX}:state:{len(project_id)}:{project_id}:{document_id}"


def project_key(project_id: str) -> str:
    """Return where the ids of a project's documents are kept."""
    return f"{PREFIX}:project:{project_id}"


PROJECTS = f"{PREFIX}:projects"


def write(record: DocumentLock | DocumentState) -> str:
    """Return a record as JSON; the same record always gives the same text, so that texts can be compared."""
    # Not as ASCII: Lua's JSON refuses the escape of half a surrogate pair, and takes its bytes.
    return json.dumps(asdict(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_lock(text: str) -> DocumentLock:
    """Return the lock that was written."""
    return DocumentLock(**json.loads(text))


def read_state(text: str) -> DocumentState:
    """Return the state that was written."""
    fields: dict[str, Any] = json.loads(text)
    return DocumentState(**fields)
