"""One leak, one culprit: of classes, and what keeps their objects."""

from typing import Any

import pytest

from soakproof.culprits import Culprit, TypeCount
from soakproof.judge.folding import Places, fold
from tests.fed_series import fold_all, make_finding, owners_of


def located(metric, within, **fields):
    return make_finding(metric, culprit=Culprit(owner=metric, within=within), **fields)


def test_rarer_type_is_a_leak_of_its_own():
    """A class of the application that grows a tenth as fast as the container is not what the container holds."""
    _, leaks = fold_all(make_finding("registry:app:LOCKS"), make_finding("type:app.Orphan", per_connection=0.1))
    assert leaks == ["registry:app:LOCKS", "type:app.Orphan"]


def test_diagnosed_types_are_explained_at_any_rate():
    """What the second pass found inside the container is its content."""
    culprit = Culprit(owner="app:LOCKS", types=[TypeCount(name="app.Rare", per_connection=0.1)])
    _, leaks = fold_all(
        make_finding("registry:app:LOCKS", culprit=culprit), make_finding("type:app.Rare", per_connection=0.1)
    )
    assert leaks == ["registry:app:LOCKS"]


def test_a_class_that_is_kept_elsewhere_is_a_leak_of_its_own():
    """Growing in step with a container proves nothing once the second pass knows that it is not kept there."""
    seen, orphan = make_finding("registry:app:SEEN"), located("type:app.Orphan", [])
    assert fold_all(seen, orphan)[1] == [seen.metric, orphan.metric]


def test_a_class_follows_from_the_container_that_keeps_it():
    """Of two leaks alike, a class belongs to the one in which its objects were found, or to the cause of that."""
    seen, log, inner = (make_finding(f"registry:app:{name}") for name in ("SEEN", "LOG", "LOG[*].lines"))
    folded, leaks = fold_all(seen, log, inner, located("type:app.Line", ["app:LOG[*].lines", "app:LOG"]))
    assert leaks == [log.metric, seen.metric]
    assert "type:app.Line" in folded[0].consequences


def test_a_located_class_still_follows_from_a_task():
    """What a task's frame keeps is in no container, and goes with the task."""
    assert fold_all(make_finding("task:reply"), located("type:app.Reply", []))[1] == ["task:reply"]


def test_task_explains_its_types():
    """A task that never ends keeps its frame and what it holds; the task is the culprit."""
    assert fold_all(make_finding("type:app.Reply"), make_finding("task:reply"))[1] == ["task:reply"]


def test_own_type_explains_pythons():
    """A class that nothing holds comes before the dicts its objects are made of, and explains them."""
    _, leaks = fold_all(make_finding("type:builtins.dict", per_connection=3.0), make_finding("type:app.Node"))
    assert leaks == ["type:app.Node"]


def test_types_apart_are_leaks_apart():
    """Two classes that nothing holds are two leaks."""
    assert len(fold_all(make_finding("type:app.A"), make_finding("type:app.B"))[1]) == 2


def test_what_is_an_attribute_of_leaked_objects_follows_from_them():
    """Lists and objects that the second pass found in objects of a leaking class are no leaks of their own."""
    kept = Culprit(owner="app.Recording", within=[])
    recording = make_finding("type:app.Recording", culprit=kept)
    frames = make_finding("registry:app:Recording.frames", culprit=Culprit(within=[], part_of="app.Recording"))
    codec = make_finding("type:app.Codec", culprit=Culprit(within=[], part_of="app.Recording"))
    alone = make_finding("type:app.Other", culprit=Culprit(within=[]))
    owners = {**owners_of([recording, frames, codec, alone]), recording.metric: "app.Recording"}
    homes = {"app:Recording.frames": {"app.Recording"}, "app.Codec": {"app.Recording"}}
    folded = fold([codec, frames, alone, recording], Places(owners, homes))
    deciding = {finding.metric for finding in folded if finding.is_deciding}
    assert deciding == {"type:app.Recording", "type:app.Other"}
    assert {finding.metric for finding in folded if finding.consequences} == {"type:app.Recording"}


def test_classes_of_python_follow_from_those_of_the_application():
    """Weak references and events grow with the objects that have them; by themselves they are a leak."""
    event = make_finding("type:asyncio.locks.Event", culprit=Culprit(origin="python"))
    assert fold_all(event, make_finding("type:app.Session"))[1] == ["type:app.Session"]
    assert fold_all(event, make_finding("type:dict"))[1] == [event.metric]


@pytest.mark.parametrize(
    ("entry", "rate", "leaks"), [("[*]: TimerHandle", 1.0, 1), ("[*]: Other", 1.0, 2), ("[*]: TimerHandle", 0.5, 2)]
)
def test_classes_that_hang_on_the_same_entries_are_one_leak(entry, rate, leaks):
    """What a timer of the loop's needs, and what it is to call, are one leak: the application's class stands for it."""
    way = ["module app", ".loop: uvloop.Loop", "set (9 entries)"]
    ticket = make_finding("type:app.Ticket", culprit=Culprit(retainers=[*way, "[*]: TimerHandle", "app.Ticket"]))
    origin: dict[str, Any] = {"origin": "library", "within": []}
    timer = make_finding(
        "type:a.Timer", per_connection=rate, culprit=Culprit(retainers=[*way, entry, "a.Timer"], **origin)
    )
    assert fold_all(timer, ticket)[1] == ["type:app.Ticket", "type:a.Timer"][:leaks]


def test_classes_that_are_parts_of_each_other_come_before_what_is_pythons():
    """A handle and its timer hold each other: neither is deeper for that, and the context in each is no cause."""
    handle = make_finding("type:loop.Handle", culprit=Culprit(within=[], part_of="loop.Timer", origin="library"))
    timer = make_finding("type:loop.Timer", culprit=Culprit(within=[], part_of="loop.Handle", origin="library"))
    context = make_finding("type:_contextvars.Context", culprit=Culprit(within=[], origin="python"))
    homes = {"loop.Handle": ["loop.Timer"], "loop.Timer": ["loop.Handle"]}
    findings = [context, timer, handle]
    told = fold(findings, Places({each.metric: each.name for each in findings}, homes))
    assert [each.metric for each in told if each.is_deciding] == [told[0].metric]
    assert told[0].name.startswith("loop.")
