"""Mistakes about documents."""

from __future__ import annotations

from types import SimpleNamespace

from server.payloads import DocumentChange
from server.presence import Presence
from server.services.editing import Editing
from tests.server.world import World, change

HOUR_S = 3600
DOCUMENT = {"project_id": "p", "document_id": "d"}


async def check_a_wrong_timestamp_stores_nothing():
    world = World()
    await world.connect("s1")
    await world.send("s1", "document_change", change(timestamp="yesterday"))
    assert world.emitter.events("s1") == ["error"]
    assert world.counts()["document_states"] == 0


def take_any_change(raw):
    edit = {"patch": None, "title": raw["change"]["data"]} | raw["change"]
    return SimpleNamespace(change=SimpleNamespace(**edit))


async def check_the_last_leaver_frees_its_stale_document():
    world = World()
    await world.connect("s1")
    await world.send("s1", "join_document_room", DOCUMENT)
    await world.send("s1", "document_change", change())
    world.clock.advance(2 * HOUR_S)
    await world.domain.cleanup.run("schedule")
    assert world.counts()["document_states"] == 1, "somebody is in it"
    await world.disconnect("s1")
    assert world.counts()["document_states"] == 0


async def check_the_clients_clock_decides_nothing():
    world = World()
    await world.connect("s1")
    for name, timestamp in {"seconds": world.clock.now_s(), "future": 9e14, "zero": 0}.items():
        await world.send("s1", "document_change", change(name, timestamp=timestamp))
    await world.disconnect("s1")
    assert world.counts()["document_states"] == 3, "all are fresh"
    world.clock.advance(HOUR_S)
    await world.domain.cleanup.run("schedule")
    assert world.counts()["document_states"] == 0, "all are stale"


def trust_the_clients_time(original):
    def edited(self, state, edit, user_id, now_s):
        return original(self, state, edit, user_id, edit.timestamp / 1000)

    return edited


CHECKS = {
    "02 poison record": (check_a_wrong_timestamp_stores_nothing, DocumentChange, "model_validate", take_any_change),
    "03 last leaver": (check_the_last_leaver_frees_its_stale_document, Presence, "leave", lambda *_: False),
    "04 client's clock": (
        check_the_clients_clock_decides_nothing,
        Editing,
        "_edited",
        trust_the_clients_time(Editing._edited),
    ),
}
