"""One leak, one culprit."""

import random

import pytest

from soakproof.culprits import Culprit, TypeCount
from soakproof.judge.folding import Places, explains, is_builtin, is_inside
from soakproof.wording import say_reason
from tests.fed_series import fold_all, make_finding


def test_container_explains_types_blocks_and_bytes():
    """What is in the container, and its memory, is listed under it."""
    metrics = ["heap:in_use_bytes", "heap:blocks", "type:app.Lock", "type:builtins.str", "registry:app:LOCKS"]
    folded, leaks = fold_all(*(make_finding(metric) for metric in metrics))
    assert leaks == ["registry:app:LOCKS"]
    assert sorted(folded[0].consequences) == sorted(metrics[:-1])
    assert say_reason(folded[1]).startswith(
        "a consequence of app:LOCKS: gains +1.00 [+1.00, +1.00] objects per connection"
    )


def test_order_of_metrics_is_nothing():
    """The culprit is the same in whatever order the metrics come."""
    metrics = ["process:uss", "heap:objects", "type:app.S", "task:run", "container:app:b", "library:environ"]
    dice = random.Random(1)
    for _ in range(20):
        dice.shuffle(metrics)
        folded, _ = fold_all(*(make_finding(metric) for metric in metrics))
        assert folded[0].metric == "library:environ"


def test_container_of_an_instance_follows_from_the_container_of_the_instances():
    """The messages of sessions grow because the sessions do, though the two are named after different classes."""
    inner = make_finding("registry:app.chat:Session.messages", per_connection=9.0)
    words = make_finding("registry:app.chat:Session.messages[*]", per_connection=18.0)
    outer = make_finding("registry:app.chat:Sessions.sessions")
    homes = {
        "app.chat:Session.messages": {"app.audit:Trail.ring", "app.chat:Sessions.sessions"},
    }
    folded, leaks = fold_all(inner, outer, words, homes=homes)
    assert leaks == [outer.metric]
    assert set(folded[0].consequences) == {inner.metric, words.metric}
    assert fold_all(inner, outer)[1] == [inner.metric, outer.metric]


def test_containers_that_hold_each_other_are_told_apart_by_their_slopes():
    """A circle of homes ends, and the stronger comes first."""
    weak, strong = make_finding("registry:app:a"), make_finding("registry:app:b", per_connection=2.0)
    folded, _ = fold_all(weak, strong, homes={"app:a": {"app:b"}, "app:b": {"app:a"}})
    assert folded[0].metric == strong.metric


def test_index_beside_a_registry_follows_from_it():
    """A private container of the same package growing in step is a consequence; out of step or elsewhere it is none."""
    registry = make_finding("registry:app.locks:Locks.locks")
    index = make_finding("registry:app.expiry:Expiry._heap", per_connection=1.01)
    assert fold_all(index, registry)[1] == [registry.metric]
    faster = make_finding("registry:app.expiry:Expiry._heap", per_connection=1.5)
    assert fold_all(faster, registry)[1] == [registry.metric, faster.metric]
    elsewhere = make_finding("registry:lib.expiry:Expiry._heap")
    assert fold_all(elsewhere, registry)[1] == [registry.metric, elsewhere.metric]


def test_inner_container_follows_from_the_outer():
    """A list inside a leaking dict's values grows because of the dict, however much faster."""
    inner, outer = (
        make_finding("container:app:ROOMS[*].history", per_connection=9.0),
        make_finding("registry:app:ROOMS"),
    )
    folded, leaks = fold_all(inner, outer)
    assert leaks == ["registry:app:ROOMS"]
    assert folded[0].consequences == [inner.metric]


def test_inner_registry_follows_from_an_outer_container():
    """Depth comes before kind."""
    inner, outer = make_finding("registry:app:STATE.rooms"), make_finding("container:app:STATE")
    assert fold_all(inner, outer)[1] == ["container:app:STATE"]


def test_registries_apart_are_leaks_apart():
    """Three registries of the library that leak together are all named, the strongest first."""
    rooms = make_finding("library:manager.rooms", per_connection=2.0)
    _, leaks = fold_all(make_finding("library:environ"), make_finding("library:pending"), rooms)
    assert leaks == ["library:manager.rooms", "library:environ", "library:pending"]


def test_container_in_an_object_that_a_registry_was_found_to_keep_follows_from_it():
    """The lists inside the packets that a registry keeps are no leak beside it; a like-named class's are."""
    culprit = Culprit(owner="_binary_packet", types=[TypeCount(name="socketio.packet.Packet", per_connection=1.0)])
    registry = make_finding("library:_binary_packet", culprit=culprit)
    part = make_finding("container:socketio.packet:Packet.data", per_connection=2.0)
    assert fold_all(part, registry)[1] == [registry.metric]
    other = make_finding("container:socketio.packet:PacketLog.data", per_connection=2.0)
    assert fold_all(other, registry)[1] == [registry.metric, other.metric]


def foreign(metric, **fields):
    return make_finding(metric, culprit=Culprit(owner=metric.partition(":")[2], origin="library"), **fields)


def test_containers_in_a_librarys_objects_follow_from_what_keeps_the_objects():
    """What a leaked request keeps drags protocols and headers along; their dictionaries are no leaks of their own."""
    registry = make_finding("library:environ")
    headers = foreign("container:websockets.structures:Headers._dict", per_connection=10.0)
    scope = foreign("container:uvicorn.impl:Protocol.scope", per_connection=14.0)
    types = [
        make_finding("type:websockets.structures.Headers", per_connection=2.0),
        make_finding("type:uvicorn.impl.Protocol"),
    ]
    folded, leaks = fold_all(headers, scope, registry, *types)
    assert leaks == [registry.metric]
    assert {headers.metric, scope.metric} <= set(folded[0].consequences)


def test_a_librarys_container_without_a_keeper_stands_alone():
    """Objects that grow without anything that keeps them explain nothing, nor do attributes explain one another."""
    one, other = foreign("container:lib:Request.headers"), foreign("container:lib:Request.cookies")
    assert set(fold_all(one, other, make_finding("type:lib.Request"))[1]) == {one.metric, other.metric}


def test_the_applications_container_is_not_put_down_to_its_class():
    """A list that a class shares may be what keeps its instances."""
    shared = make_finding("container:app:Client.everybody", culprit=Culprit(owner="", origin="application"))
    _, leaks = fold_all(shared, make_finding("library:environ"), make_finding("type:app.Client"))
    assert leaks == ["library:environ", shared.metric]


def test_what_a_kept_frame_refers_to_follows_from_what_keeps_the_frames():
    """A cache keeps tracebacks, and with them each request that a handler had: the cache is named, not the request."""
    request = make_finding("registry:app:add_header.<locals>.request._cache", per_connection=6.0)
    cache = foreign("container:aiohttp.web_app:_build_middlewares.cache")
    frames = make_finding("type:frame", per_connection=5.0)
    folded, leaks = fold_all(request, cache, frames)
    assert leaks == [cache.metric]
    assert request.metric in folded[0].consequences
    assert fold_all(request, cache)[0][0].metric == request.metric
    own = make_finding("registry:app:main.<locals>.kept")
    assert fold_all(own, cache, frames)[0][0].metric == own.metric


def test_weak_collections_keep_nothing():
    """A WeakSet grows because something else keeps what it refers to."""
    weak = make_finding("container:_weakrefset:WeakSet.data", per_connection=4.0)
    assert fold_all(weak, make_finding("library:environ"))[1] == ["library:environ"]
    assert fold_all(weak)[1] == [weak.metric]
    threads = make_finding("container:threading:_active", per_connection=0.9)
    assert fold_all(weak, threads)[1] == [threads.metric]


def test_tasks_in_a_container_follow_from_it():
    """Tasks that an application's set keeps grow as the set does; rarer ones stand alone."""
    assert fold_all(make_finding("container:app:tasks"), make_finding("task:reply"))[1] == ["container:app:tasks"]
    _, leaks = fold_all(make_finding("container:app:tasks"), make_finding("task:reply", per_connection=0.2))
    assert leaks == ["container:app:tasks", "task:reply"]


def test_application_comes_before_foreign_containers():
    """Of two containers that leak alike the application's is the likelier cause."""
    foreign = make_finding("container:a.lib:x", culprit=Culprit(owner="a.lib:x", origin="library"))
    own = make_finding("container:z.app:y", culprit=Culprit(owner="z.app:y"))
    assert fold_all(foreign, own)[1] == ["container:z.app:y", "container:a.lib:x"]


def test_leaks_come_first_then_consequences_then_the_open():
    """The order is leak, consequence, inconclusive, bounded."""
    folded, _ = fold_all(
        make_finding("registry:b", "bounded"),
        make_finding("heap:blocks"),
        make_finding("type:c", "inconclusive"),
        make_finding("library:d"),
    )
    assert [finding.metric for finding in folded] == ["library:d", "heap:blocks", "type:c", "registry:b"]


def test_uncertain_cause_holds_nothing():
    """A cause whose own growth may be none explains no rate."""
    cause = make_finding("registry:a", ci=(0.0, 1.0))
    assert not explains(cause, make_finding("type:app.X"), Places({}))


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ("app:ROOMS[*]", "app:ROOMS", True),
        ("app:ROOMS.history", "app:ROOMS", True),
        ("app:ROOMS", "app:ROOMS", False),
        ("app:ROOMS_2", "app:ROOMS", False),
        ("lib:x", "app:ROOMS", False),
    ],
)
def test_inside_is_a_path(inner, outer, expected):
    """A path is inside another when it goes on from it by an item, an attribute or a call."""
    assert is_inside(inner, outer) is expected


def test_builtins_have_no_module():
    """Python's own types are told by their name."""
    assert is_builtin("dict")
    assert is_builtin("builtins.dict")
    assert not is_builtin("app.Session")


def test_the_list_of_threads_follows_from_the_threads():
    """Where threads leak, the module's own list of them is none of the leaks; where only the list grows, it is."""
    listed = make_finding("container:threading:_active")
    threads = [make_finding("thread:worker"), make_finding("thread:total")]
    assert fold_all(listed, *threads)[1] == ["thread:worker"]
    assert fold_all(listed)[1] == [listed.metric]


@pytest.mark.parametrize(("total", "leaks"), [(1.5, 2), (2.5, 3)])
def test_a_total_follows_from_what_adds_up_to_it(total, leaks):
    """All tasks are no leak beside two that make them up; where more leak than have names, they are."""
    named = [make_finding("task:wait"), make_finding("task:poll", per_connection=0.5)]
    deciding = fold_all(make_finding("task:total", per_connection=total), *named)[1]
    assert deciding == ["task:wait", "task:poll", "task:total"][:leaks]


def test_who_waits_for_what_never_comes_is_the_task():
    """The list of a queue's waiters and the locals of a library's coroutines grow with the tasks, and follow them."""
    task, total = make_finding("task:watch"), make_finding("task:total")
    waiters = make_finding(
        "container:asyncio.queues:Queue._getters",
        culprit=Culprit(origin="python", types=[TypeCount(name="_asyncio.Future", per_connection=1.0)]),
    )
    kept = make_finding("container:lib:Hub.receive.<locals>", per_connection=3.0)
    inner = make_finding("container:lib:Hub.receive.<locals>[*]", per_connection=2.0)
    folded, leaks = fold_all(inner, kept, waiters, total, task)
    assert leaks == [task.metric]
    assert folded[0].metric == task.metric
    assert set(folded[0].consequences) == {each.metric for each in (inner, kept, waiters, total)}


def test_what_does_not_wait_is_no_tasks_consequence():
    """A list of futures that grows out of step, or an application's own of what it is to answer, leaks by itself."""
    task = make_finding("task:watch")
    futures = Culprit(origin="library", types=[TypeCount(name="_asyncio.Future", per_connection=2.0)])
    faster = make_finding("container:lib:PENDING", per_connection=2.0, culprit=futures)
    assert fold_all(task, faster)[1][0] == faster.metric
    futures = Culprit(types=[TypeCount(name="_asyncio.Future", per_connection=1)])
    own = make_finding("registry:app:ASKED", culprit=futures)
    assert own.metric in fold_all(task, own)[1]


def test_what_a_closure_is_made_of_follows_from_the_function():
    """A function that somebody keeps has a closure, cells in it, and a text in a cell; bytes come after objects."""
    parts = [make_finding("type:cell"), make_finding("type:tuple")]
    text = make_finding("buffer:app:connect.<locals>.<lambda>.<closure>.sid", per_connection=69.0)
    folded, leaks = fold_all(text, *parts, make_finding("type:function"))
    assert leaks == ["type:function"]
    assert set(folded[0].consequences) == {text.metric, *(each.metric for each in parts)}
    assert fold_all(text, make_finding("type:app.Room"))[1] == ["type:app.Room", text.metric]


def test_what_functions_carry_follows_from_the_container_that_keeps_them():
    """Callbacks of a bus have defaults, and those a text: who mends the bus mends them all."""
    kept = Culprit(types=[TypeCount(name="function", per_connection=1.0)])
    bus = make_finding("registry:app:BUS.listeners", culprit=kept)
    text = make_finding("buffer:app:connect.<locals>.<lambda>.<defaults>.sid", per_connection=69.0)
    assert fold_all(text, bus)[1] == [bus.metric]
    assert fold_all(text, make_finding("registry:app:ROOMS"))[1] == ["registry:app:ROOMS", text.metric]


def test_who_waits_for_an_event_of_the_applications_own_is_the_task():
    """The list is the event's, whoever keeps the event; one that the application keeps itself is the application's."""
    task = make_finding("task:Event.wait")
    futures = [TypeCount(name="_asyncio.Future", per_connection=1)]
    chain = ["module app", "ready: asyncio.locks.Event", "._waiters: collections.deque (1658 entries)"]
    waiters = make_finding("registry:app:ready._waiters", culprit=Culprit(types=futures, retainers=chain))
    folded, leaks = fold_all(waiters, task)
    assert leaks == [task.metric]
    assert folded[0].consequences == [waiters.metric]
    chain = ["module app", "desk: app.Desk", "._waiters: collections.deque (1658 entries)"]
    waiters = make_finding("registry:app:desk._waiters", culprit=Culprit(types=futures, retainers=chain))
    assert waiters.metric in fold_all(waiters, task)[1]


def test_a_registry_of_tasks_follows_from_the_tasks():
    """Whoever mends the tasks, which do not end, mends it too; and what hangs on the tasks in it."""
    task = make_finding("task:watch")
    own = make_finding("registry:app:TASKS", culprit=Culprit(types=[TypeCount(name="_asyncio.Task", per_connection=1)]))
    names = make_finding("buffer:app:TASKS[*].<callbacks>", per_connection=58.0)
    folded, leaks = fold_all(own, names, task)
    assert leaks == [task.metric]
    assert set(folded[0].consequences) == {own.metric, names.metric}


def test_what_threads_bring_with_them_follows_from_who_keeps_the_threads():
    """A list of pools keeps a thread each: the list of all threads, and what is a thread's own, grow with them."""
    pools, thread = make_finding("registry:app:POOLS"), make_finding("thread:work_0 (work)")
    threads = Culprit(types=[TypeCount(name="threading.Thread", per_connection=1)])
    active = make_finding("container:threading:_active", culprit=threads)
    local = make_finding("buffer:app:LOCAL.<thread>.buffer", per_connection=10_000.0)
    folded, leaks = fold_all(local, active, thread, pools)
    assert leaks == [pools.metric]
    assert folded[0].metric == pools.metric


def test_what_threads_have_in_their_locals_follows_from_the_threads():
    """Each thread has a list of its own, stands in a condition's list of waiters, and in the list of all threads."""
    thread, total = make_finding("thread:Thread- (work)"), make_finding("thread:total")
    rows = make_finding("registry:app:Pool.work.<locals>.rows", per_connection=4.0)
    locks = Culprit(origin="python", types=[TypeCount(name="_thread.lock", per_connection=1.0)])
    waiters = make_finding("container:threading:Condition._waiters", culprit=locks)
    active = make_finding("container:threading:_active")
    texts = make_finding("buffer:app:Pool.work.<locals>.rows[*]", per_connection=70.0)
    folded, leaks = fold_all(rows, texts, waiters, active, total, thread)
    assert leaks == [thread.metric]
    assert folded[0].metric == thread.metric
    kept = make_finding("registry:app:main.<locals>.kept")
    assert fold_all(thread, kept)[1][0] == kept.metric
