"""The events of the specification, one by one: what the sender gets, and what the room hears."""

from __future__ import annotations

import asyncio

import pytest

from server.clock import to_ms
from server.conflicts import judge
from server.documents import DocumentState
from server.limits import Limits
from tests.server.world import START_S, World, change

REF = {"project_id": "p", "document_id": "d"}


def play(*script, sids=("ann", "bob"), join=True, limits=None):
    """Let clients send a script of (sid, event, payload); return the world after it."""

    async def run():
        world = World(limits)
        for sid in sids:
            await world.connect(sid)
            if join:
                await world.send(sid, "join_document_room", REF)
        world.emitter.heard.clear()
        for sid, event, payload in script:
            await world.send(sid, event, payload)
        return world

    return asyncio.run(run())


def test_joining_and_leaving_a_project():
    """``joined_project`` answers, and leaving without an id leaves the one joined last."""
    world = play(("ann", "join_project", {"project_id": "p"}), join=False)
    assert world.emitter.payloads("ann", "joined_project") == [{"project_id": "p"}]
    assert "app:project:p" in world.emitter.rooms
    world = play(("ann", "join_project", {"project_id": "p"}), ("ann", "leave_project", None), join=False)
    assert "app:project:p" not in world.emitter.rooms


def test_the_list_of_projects():
    """A subscriber gets the projects that have documents, with their number."""
    world = play(("ann", "document_change", change()), ("bob", "subscribe_projects", None))
    assert world.emitter.payloads("bob", "projects_update") == [{"projects": [{"project_id": "p", "documents": 1}]}]
    assert "app:project_list" in world.emitter.rooms


def test_joining_a_document_shows_it():
    """A document that is known is shown before the joining is confirmed, with the room's name as clients know it."""
    script = [
        ("ann", "document_change", change()),
        ("bob", "leave_document_room", REF),
        ("bob", "join_document_room", REF),
    ]
    world = play(*script)
    assert world.emitter.events("bob")[-2:] == ["document_state", "joined_document"]
    [state] = world.emitter.payloads("bob", "document_state")
    assert (state["content"], state["version"], state["last_modified"]) == ("text", 1, to_ms(START_S))
    [joined] = world.emitter.payloads("bob", "joined_document")
    assert joined == {**REF, "room": "doc_p_d"}


def test_a_change_is_told_to_the_others():
    """``document_updated`` goes to the room but the sender, with the change, its version and a time in milliseconds."""
    world = play(("ann", "document_change", change(patch=[{"op": "replace"}])))
    [update] = world.emitter.payloads("bob", "document_updated")
    assert update == {
        "type": "document_updated",
        **REF,
        "user_id": "ann",
        "timestamp": to_ms(START_S),
        "data": "text",
        "version": 1,
        "change_type": "content",
        "patch": [{"op": "replace"}],
    }
    assert world.emitter.events("ann") == []


def test_title_and_metadata_change_alone():
    """A title is replaced, metadata are merged, and the content stays."""
    world = play(
        ("ann", "document_change", change()),
        ("ann", "document_change", change(version=2, change_type="title", data={"title": "T"})),
        ("ann", "document_change", change(version=3, change_type="metadata", data={"a": 1})),
        ("ann", "document_change", change(version=4, change_type="metadata", data={"b": 2})),
    )
    state = world.registries.document_states.document_states["p", "d"]
    assert (state.title, state.content, state.metadata, state.version) == ("T", "text", {"a": 1, "b": 2}, 4)


def test_a_change_can_delete():
    """A deleting change removes the state and the lock one held, and the others hear of it."""
    world = play(
        ("ann", "document_change", change()),
        ("ann", "lock_document", REF),
        ("ann", "document_change", change(version=2, change_type="delete", data=None)),
    )
    assert world.emitter.payloads("bob", "document_updated")[-1]["change_type"] == "delete"
    assert (world.counts()["document_states"], world.counts()["document_locks"]) == (0, 0)


def test_a_batch_is_told_once_with_the_whole_state():
    """A batch makes one ``document_updated``, with the state as it is now and how many changes were applied."""
    changes = [change(version=number)["change"] | {"data": number} for number in (1, 2, 3)]
    world = play(("ann", "document_batch_update", {**REF, "changes": changes}))
    [update] = world.emitter.payloads("bob", "document_updated")
    assert (update["batch_size"], update["version"], update["data"]["content"]) == (3, 3, 3)


def test_conflicts_in_a_batch_are_told_to_its_sender():
    """A change that is neither newer nor later is rejected; the rest applies; the sender learns which."""
    changes = [change(version=version)["change"] | {"id": f"c{version}"} for version in (2, 1, 3)]
    world = play(("ann", "document_batch_update", {**REF, "changes": changes}))
    [conflicts] = world.emitter.payloads("ann", "conflicts_detected")
    assert conflicts["conflicts"] == [{"change_id": "c1", "version": 1, "resolution": "rejected"}]
    assert world.emitter.payloads("bob", "document_updated")[0]["batch_size"] == 2


NEVER, NOW = START_S - 100, START_S


@pytest.mark.parametrize(
    ("version", "user_id", "modified_s", "verdict"),
    [
        (6, "bob", NOW, "accepted"),  # newer
        (5, "bob", NOW, "rejected"),  # neither newer nor later
        (4, "ann", NOW, "rejected"),
        (5, "bob", NOW - 0.999, "last_write_wins"),  # later, contested
        (5, "bob", NOW - 1.0, "accepted"),  # later, and long enough
        (5, "ann", NOW - 0.5, "accepted"),  # nobody contests what one wrote oneself
        (1, "bob", NEVER, "accepted"),
        (5, "bob", NOW + 1, "rejected"),  # the clock's precision is no advantage
    ],
)
def test_the_rules_of_conflict(version, user_id, modified_s, verdict):
    """Versions first, then the server's time; within a second of another's change the last write wins."""
    state = DocumentState("p", "d", version=5, last_modified_s=modified_s, user_id="ann")
    assert judge(state, version=version, user_id=user_id, now_s=NOW) == verdict


def test_a_version_never_goes_back():
    """A late change with an old version makes a new version all the same."""

    async def edit():
        world = World()
        await world.connect("ann")
        await world.send("ann", "document_change", change(version=7))
        world.clock.advance(5)
        await world.send("ann", "document_change", change(version=2))
        return world.registries.document_states.document_states["p", "d"].version

    assert asyncio.run(edit()) == 8


def test_a_document_has_a_largest_size():
    """Metadata that add up past the limit are refused, and the document stays as it was."""
    halves = [{name: "x" * 600} for name in "ab"]
    script = [
        ("ann", "document_change", change(version=n + 1, change_type="metadata", data=d)) for n, d in enumerate(halves)
    ]
    world = play(*script, limits=Limits(document_bytes=1_000))
    assert "bytes, need at most 1000" in world.emitter.payloads("ann", "error")[0]["message"]
    assert list(world.registries.document_states.document_states["p", "d"].metadata) == ["a"]


def test_a_lock_is_told_to_the_room():
    """``document_locked`` goes to all in the room, with an end five minutes off by default."""
    world = play(("ann", "lock_document", {**REF, "user_id": "Ann"}))
    for sid in ("ann", "bob"):
        [told] = world.emitter.payloads(sid, "document_locked")
        assert (told["user_id"], told["data"]["expires_at"]) == ("Ann", to_ms(START_S) + 300_000)


def test_a_held_lock_is_refused():
    """``lock_failed`` says why, whose, and until when; the room hears nothing."""
    world = play(("ann", "lock_document", {**REF, "user_id": "Ann", "duration": 1_000}), ("bob", "lock_document", REF))
    [refused] = world.emitter.payloads("bob", "lock_failed")
    expected = {"document_id": "d", "reason": "already_locked", "locked_by": "Ann"}
    assert refused == expected | {"expires_at": to_ms(START_S) + 1_000}
    assert "lock_failed" not in world.emitter.events("ann")


def test_an_unlock_is_told_or_refused():
    """The owner's unlock goes to the room; another's is refused with the owner's name."""
    world = play(("ann", "lock_document", REF), ("bob", "unlock_document", REF), ("ann", "unlock_document", REF))
    [refused] = world.emitter.payloads("bob", "unlock_failed")
    assert (refused["reason"], refused["locked_by"]) == ("not_lock_owner", "ann")
    assert world.emitter.payloads("bob", "document_unlocked")[0]["user_id"] == "ann"


def test_a_lock_shows_in_the_state():
    """Whether a document is locked is read from the locks, so that it cannot be wrong."""
    script = [("ann", "document_change", change()), ("ann", "lock_document", REF)]
    world = play(*script, ("bob", "request_document_states", {"project_id": "p"}))
    [[state]] = world.emitter.payloads("bob", "document_states")
    assert (state["locked"], state["locked_by"], state["lock_expires"]) == (True, "ann", to_ms(START_S) + 300_000)


def test_a_projects_documents_fit_into_one_message():
    """Of more than a message holds, the last changed are shown."""

    async def ask():
        world = World(Limits(message_bytes=1_000))
        await world.connect("ann")
        for number in range(5):
            await world.send("ann", "document_change", change(f"d{number}", data="x" * 400))
            world.clock.advance(1)
        await world.send("ann", "request_document_states", {"project_id": "p"})
        return [
            state["document_id"] for [states] in [world.emitter.payloads("ann", "document_states")] for state in states
        ]

    assert asyncio.run(ask()) == ["d4", "d3"]


def test_a_lock_without_a_project_is_told_where_its_holder_is():
    """Without a project id the room is the one the holder has joined; without that, the holder alone is told."""
    world = play(("ann", "lock_document", {"document_id": "d"}), ("ann", "lock_document", {"document_id": "other"}))
    assert len(world.emitter.payloads("bob", "document_locked")) == 1
    assert len(world.emitter.payloads("ann", "document_locked")) == 2


def test_deleting_a_document_frees_all_of_it():
    """``document_deleted`` goes to the room; state and lock are gone."""
    script = [("ann", "document_change", change()), ("ann", "lock_document", REF), ("ann", "delete_document", REF)]
    world = play(*script)
    assert world.emitter.payloads("bob", "document_deleted")[0]["document_id"] == "d"
    assert (world.counts()["document_states"], world.counts()["document_locks"]) == (0, 0)


def test_the_inside_is_not_for_everybody():
    """Only an internal connection may follow the dashboard and the alerts."""
    world = play(("ann", "join_dashboard", {}), ("ann", "subscribe_alerts", {}), join=False)
    assert world.emitter.events("ann") == ["error", "error"]
    assert set(world.emitter.rooms) == {"ann", "bob"}


def test_the_name_shown_first_stays():
    """A connection cannot change its name; whom it claims to be later is not heard."""
    world = play(("ann", "lock_document", {**REF, "user_id": "Ann"}), ("ann", "document_change", change(user_id="Bob")))
    assert world.emitter.payloads("bob", "document_updated")[0]["user_id"] == "Ann"
