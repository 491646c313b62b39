"""The fifteen mistakes of the seed's system: each check holds here, and fails on the mistaken code put back in."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.mistakes import background, connections, documents, locks

# name, which begins with the mistake's number: the check, and where which mistaken code is put in
CHECKS = dict(sorted((connections.CHECKS | documents.CHECKS | locks.CHECKS | background.CHECKS).items()))


def test_all_fifteen_have_a_check():
    """No mistake of the specification is left out."""
    assert {int(name[:2]) for name in CHECKS} == set(range(1, 16))


@pytest.mark.parametrize("name", CHECKS)
def test_the_server_does_not_make_the_mistake(name):
    """The check holds on the code as it is."""
    asyncio.run(CHECKS[name][0]())


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_fails_on_the_mistaken_code(name, monkeypatch):
    """The check would notice the mistake: with it put back in, the check fails."""
    check, place, attribute, mistake = CHECKS[name]
    monkeypatch.setattr(place, *([attribute, mistake] if attribute else [mistake]))
    with pytest.raises((AssertionError, TimeoutError)):
        asyncio.run(check())
