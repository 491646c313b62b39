"""Whatever clients do, and in whatever order: when all have gone and their time is over, nothing is left."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from server.chat import ChatSessions
from server.connections import Connections
from server.crawls import Crawls
from server.documents import DocumentStates
from server.locks import DocumentLocks
from server.presence import Presence
from server.services.lifecycle import Lifecycle
from tests.server.clients import Clients

SETTINGS = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


# It stops at the first order found, and does not look for a shorter one.
PATIENT = settings(SETTINGS, max_examples=2_000, phases=[Phase.generate], print_blob=False, report_multiple_bugs=False)


def test_no_order_of_events_leaves_anything_or_steals_a_lock():
    """Hypothesis looks for an order of events that leaves something behind, or takes a lock from its holder."""
    run_state_machine_as_test(Clients, settings=SETTINGS)


async def do_nothing(*_):
    return 0


async def release_nothing(*_):
    return []


async def let_errors_out(self, sid):
    self._connections.remove(sid)
    await self._locking.release_all(sid, "disconnect")


async def take_whosever_it_is(self, wanted):
    standing = self.document_locks.get(wanted.document_id)
    if standing is not None:
        self._forget(standing)
    self.document_locks[wanted.document_id] = wanted
    self._by_expiry.set(wanted.document_id, wanted.expires_at_s)
    self._held.add(wanted.sid, wanted.document_id)
    return wanted


BROKEN = {
    "a leaver's locks stay": (DocumentLocks, "release_sid", release_nothing),
    "documents never grow stale": (DocumentStates, "expire", do_nothing),
    "the last leaver stays": (Presence, "leave", lambda *_: False),
    "sessions never grow old": (ChatSessions, "expire", do_nothing),
    "crawls never end": (Crawls, "expire", do_nothing),
    "errors reach the library": (Lifecycle, "disconnect", let_errors_out),
    "a late request is carried out": (Connections, "is_here", lambda *_: True),
    "a lock is anybody's": (DocumentLocks, "acquire", take_whosever_it_is),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_cleanup_is_found(name, monkeypatch):
    """With one cleanup broken, or one check left out, hypothesis finds an order of events that shows it."""
    monkeypatch.setattr(*BROKEN[name])
    with pytest.raises((AssertionError, ConnectionError)):
        run_state_machine_as_test(Clients, settings=PATIENT)
