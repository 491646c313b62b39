"""Who a client is: what its token says, not what it claims."""

from __future__ import annotations

import asyncio

import pytest

from server.identity import Identities
from server.problems import RefusedError
from tests.server.world import World

REF = {"project_id": "p", "document_id": "d"}


def test_a_token_makes_two_connections_one():
    """A client that shows the token it was given is the same on its next connection, and its lock moves along."""

    async def reconnect():
        identities = Identities("secret")
        owner, name = identities.identify("new", {"token": identities.sign("old")})
        world = World()
        await world.connect("old", "old")
        await world.connect("new", owner)
        await world.send("old", "lock_document", REF)
        await world.send("new", "lock_document", REF)
        await world.disconnect("old")
        return name, world.registries.document_locks.document_locks["d"].sid

    assert asyncio.run(reconnect()) == ("old", "new")


@pytest.mark.parametrize(
    "auth",
    [
        {"token": "ann.0000"},
        {"token": "ann"},
        {"token": ""},
        {"token": 7},
        {"token": ["ann"]},
        {"token": "\ud800.x"},
        {"user_id": 7},
        {"user_id": ""},
        {"user_id": "x" * 201},
        "a bare text",
        ["a list"],
        7,
        True,
    ],
    ids=str,
)
def test_a_token_that_is_not_ours_is_refused(auth):
    """A forged or misshapen token is refused with a sentence; it never makes somebody."""
    with pytest.raises(RefusedError, match=r"need|token"):
        Identities("secret").identify("sid", auth)


def test_a_token_needs_the_same_secret():
    """Workers with one secret agree on a token; a server with another does not take it."""
    token = Identities("one").sign("ann")
    assert Identities("one").verify(token) == "ann"
    with pytest.raises(RefusedError):
        Identities("other").verify(token)
