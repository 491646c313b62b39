"""The audit trail: which entry left which registry, why, how old and at whose instance."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import structlog

from server.clock import Clock, to_ms

SHARED_INTEGERS = 256  # CPython has one object for each integer up to here, and makes one for each larger one
LONGEST_KEY = 36  # a UUID's; who asked for a removal is named by twenty letters
LONGEST_TRIGGER = 20
REGISTRIES = ("broadcast_times", "document_states", "document_locks", "sessions", "crawls")


class AuditRecord(NamedTuple):
    """One removal, numbered on from `SHARED_INTEGERS`.

    ``at_ms`` is milliseconds since the epoch, ``age_s`` seconds of the server's clock.
    """

    number: int
    at_ms: int
    registry: str
    key: str
    why: str
    age_s: float
    trigger: str


class AuditTrail:
    """A ring of the last removals, and how many there were in all; each is logged too, at level info.

    The ring is full of blanks from the start, each with as many objects as a record and no fewer letters, so that its
    filling does not look like growth.
    """

    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._log = structlog.get_logger("server.audit")
        self.records: deque[AuditRecord] = deque(map(self._blank, range(size)), maxlen=size)
        self.number = 0
        self.removed = dict.fromkeys(REGISTRIES, 0)

    def record(self, registry: str, key: str, *, why: str, since_s: float, trigger: str) -> None:
        """Note that ``key`` left ``registry``, being there or untouched since ``since_s``."""
        now_s = self._clock.now_s()
        self.number += 1
        self.removed[registry] += 1
        entry = AuditRecord(
            SHARED_INTEGERS + self.number, to_ms(now_s), registry, key, why, round(now_s - since_s, 3), trigger
        )
        self.records.append(entry)
        self._log.info("removed", registry=registry, key=key, why=why, age_s=entry.age_s, trigger=trigger)

    def _blank(self, place: int) -> AuditRecord:
        at_ms = to_ms(self._clock.now_s())
        key, trigger = f"{place:{LONGEST_KEY}}", f"{place:{LONGEST_TRIGGER}}"
        return AuditRecord(-SHARED_INTEGERS - place, at_ms, "", key, "", float(place), trigger)

    def since(self, number: int) -> list[AuditRecord]:
        """Return the records after ``number`` that are still kept, oldest first."""
        kept = min(len(self.records), max(0, self.number - max(0, number)))
        return [self.records[index] for index in range(len(self.records) - kept, len(self.records))]
