"""Settling: a rest point is decided by what the counters do, not by the time that has passed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from soakproof.measure import settle
from soakproof.measure.observer import Heap
from soakproof.measure.settle import Lingerer, Ping, Settler

PING = Ping(interval_s=0.2, timeout_s=0.2)


def nobody(_waited_s, _above):
    """Nobody waits and watches."""


class Readings:
    """An observer whose counters follow a script; the last reading repeats."""

    def __init__(self, counters, objects=(100,), connections=(0,), *, is_collected=True):
        self._is_collected = is_collected
        self._counters = itertools.chain(counters, itertools.repeat(counters[-1]))
        self._objects = itertools.chain(objects, itertools.repeat(objects[-1]))
        self._connections = itertools.chain(connections, itertools.repeat(connections[-1]))
        self.collections = 0
        self.sweeps_hurried = 0

    def counters(self):
        return dict(next(self._counters))

    def heap(self):
        self.collections += 1
        return Heap(next(self._objects), next(self._connections), is_collected=self._is_collected)

    def hurry_sweeps(self):
        self.sweeps_hurried += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(settle, "POLL_S", 0.01)
    monkeypatch.setattr(settle, "SLACK_S", 0.4)


def wait_for(readings, *, are_clients_held=False, **floor):
    settler = Settler(readings, PING, lambda _waited, _above: None, may_hurry_sweeps=True)
    settler._floor = floor
    return settler.settle(are_clients_held=are_clients_held)


def test_counters_back_at_their_floor_are_at_rest():
    """A registry that empties is waited for, and nothing remains."""
    settled = wait_for(Readings([{"registry:a": 5.0}] * 3 + [{"registry:a": 0.0}]))
    assert settled.is_settled
    assert settled.remaining == {}


def test_what_stands_still_longer_than_anything_lingers_is_retained():
    """A registry that stays at 5 is at rest once the quiet time has passed, and is named."""
    settled = wait_for(Readings([{"registry:a": 5.0, "library:eio.sockets": 0.0}]))
    assert settled.is_settled
    assert settled.remaining == {"registry:a": 5.0}
    assert settled.waited_s >= PING.quiet_s


def test_a_connection_that_stays_is_waited_for_until_the_limit():
    """While a socket object is left the target is not at rest, however still it stands."""
    settled = wait_for(Readings([{"library:eio.sockets": 1.0}]))
    assert settled.waited_s >= PING.limit_s
    assert settled.remaining == {"library:eio.sockets": 1.0}


def test_a_target_that_never_comes_to_rest_is_unsettled():
    """Sockets that still drain at the limit make a rest point that is not fitted."""
    restless = [{"library:eio.sockets": float(1000 - n)} for n in range(999)]
    assert not wait_for(Readings(restless)).is_settled


def test_a_server_that_is_busy_by_itself_comes_to_rest():
    """A registry that goes up and down for ever, and drains no further, is not waited for until the limit."""
    busy = [{"registry:a": float(5 + n % 2)} for n in range(1000)]
    settled = wait_for(Readings(busy))
    assert settled.is_settled
    assert settled.waited_s < PING.limit_s


def test_objects_are_collected_until_they_fall_no_more():
    """Collection is repeated while it frees objects."""
    readings = Readings([{}], objects=(500, 300, 200, 199))
    assert wait_for(readings).is_settled
    assert readings.collections == 4


def test_a_closed_socket_that_the_sweep_pins_is_waited_for():
    """Connection objects outside any registry are no rest point until the sweep lets go of them."""
    settled = wait_for(Readings([{}], connections=(5, 5, 5, 5, 0)))
    assert settled.is_settled
    assert settled.waited_s < PING.sweep_s


def test_a_connection_object_that_outlives_any_sweep_is_retained():
    """Connection objects that never go do not make the rest point unsettled, only late."""
    settled = wait_for(Readings([{}], connections=(5,)))
    assert settled.is_settled
    assert settled.waited_s > PING.sweep_s


def test_connections_that_stay_in_their_registry_are_at_rest_after_a_sweep():
    """They are waited for until the limit, and then as objects for a sweep more: a leak, and no unrest."""
    settled = wait_for(Readings([{"library:eio.sockets": 5.0}], connections=(5,)))
    assert settled.is_settled
    assert settled.waited_s > PING.limit_s + PING.sweep_s


def test_connections_that_outlived_a_sweep_are_not_waited_for_again():
    """Others are connected to a server attached to: each rest point took one sweep more. New ones are awaited still."""
    readings: Any = Readings([{}], connections=(2,) * 500)
    settler = Settler(readings, PING, lambda _waited, _above: None)
    assert settler.settle().waited_s > PING.sweep_s
    assert settler.settle().waited_s < PING.sweep_s
    readings._connections = itertools.chain((6, 6, 6), itertools.repeat(2))
    collections = readings.collections
    assert settler.settle().waited_s < PING.sweep_s
    assert readings.collections > collections + 3


@pytest.mark.parametrize(("metric", "is_awaited_again"), [("thread:total", False), ("registry:a", True)])
def test_threads_that_stood_still_once_are_a_pools(metric, is_awaited_again):
    """An executor keeps the thread that it started: the next rest point does not wait for it; of entries it does."""
    polls = []
    readings: Any = Readings([{metric: 9.0}])
    settler = Settler(readings, PING, lambda _waited, above: polls.append(above), may_hurry_sweeps=True)
    settler._floor = {metric: 8.0}
    assert settler.settle().remaining == ({metric: 9.0} if is_awaited_again else {})
    first = len(polls)
    settler.settle()
    assert (len(polls) - first > 0.8 * first) is is_awaited_again


def test_those_who_are_connected_before_any_client_are_not_waited_for():
    """A server that is attached to serves others: the first rest point comes as soon as any."""
    readings: Any = Readings([{}], connections=(2,))
    settler = Settler(readings, PING, lambda _waited, _above: None)
    settler.take_floor()
    assert settler.settle().waited_s < PING.sweep_s


def test_connections_that_have_left_are_not_taken_for_those_that_stay():
    """When the others leave, as many new objects that linger are waited for: their places are not kept."""
    readings: Any = Readings([{}], connections=(50,) * 500)
    settler = Settler(readings, PING, lambda _waited, _above: None)
    settler.settle()
    readings._connections = itertools.repeat(0)
    settler.settle()
    readings._connections = itertools.repeat(50)
    assert settler.settle().waited_s > PING.sweep_s


def test_connection_objects_that_nobody_collects_are_not_waited_for():
    """Where the target has its collector switched off, sockets in cycles stay for ever: that is no reason to wait."""
    settled = wait_for(Readings([{}], connections=(5,), is_collected=False))
    assert settled.is_settled
    assert settled.waited_s < PING.sweep_s


def test_sweeps_are_ended_only_where_that_is_allowed():
    """With the target's own ping kept, its housekeeping is left alone too."""
    for may_hurry_sweeps in (True, False):
        readings: Any = Readings([{}])
        Settler(readings, PING, lambda _waited, _above: None, may_hurry_sweeps=may_hurry_sweeps).settle()
        assert readings.sweeps_hurried == may_hurry_sweeps


@pytest.mark.parametrize(("may_hurry_sweeps", "are_clients_held"), [(True, False), (True, True), (False, False)])
def test_sockets_that_are_listed_still_are_swept_while_they_are_waited_for(
    monkeypatch, may_hurry_sweeps, are_clients_held
):
    """A sweep of the library's own may take two time-outs; where clients are held, or the ping is kept, it has them."""
    monkeypatch.setattr(settle, "HURRY_S", 0.03)
    readings: Any = Readings([{"library:eio.sockets": 5.0}] * 20 + [{}])
    settler = Settler(readings, PING, nobody, may_hurry_sweeps=may_hurry_sweeps)
    settler.settle(are_clients_held=are_clients_held)
    assert (readings.sweeps_hurried > 2) == (may_hurry_sweeps and not are_clients_held)


def test_the_floor_is_what_a_warm_target_counted_at_rest():
    """A background task that a warm server keeps delays the first rest point, and no later one."""
    readings: Any = Readings([{"task:total": 3.0}, {"task:total": 4.0}])
    settler = Settler(readings, PING, lambda _waited, _above: None)
    settler.take_floor()
    assert settler.settle().remaining == {"task:total": 4.0}
    settler.keep_floor()
    settled = settler.settle()
    assert settled.remaining == {}
    assert settled.waited_s < PING.quiet_s


def test_held_clients_are_not_waited_for():
    """Their connections stay, counters and objects alike; what else stands still is at rest, and no sweep is ended."""
    readings = Readings([{"library:eio.sockets": 50.0, "registry:a": 3.0}], connections=(50,))
    settled = wait_for(readings, are_clients_held=True)
    assert settled.is_settled
    assert settled.waited_s < PING.sweep_s
    assert readings.sweeps_hurried == 0


LATE = [{"registry:a": 5.0}] * 60 + [{"registry:a": 0.0}]  # stands still for longer than the quiet time, then falls


def test_what_falls_later_is_waited_for_ever_after(monkeypatch):
    """Once more time is given; what falls within it is named, and no later wave is read before it has fallen."""
    monkeypatch.setattr(settle, "LEARN_S", 4.0)
    readings: Any = Readings(LATE)
    settler = Settler(readings, Ping(interval_s=0.05, timeout_s=0.05), lambda _waited, _above: None)
    assert settler.settle(left=100).remaining == {}
    assert settler.lingerer.metric == "registry:a"
    readings._counters = itertools.chain(LATE, itertools.repeat(LATE[-1]))
    assert settler.settle().remaining == {}


@pytest.mark.parametrize(("left", "waits"), [(0.0, True), (200.0, False)])
def test_what_lingers_is_waited_for_where_no_counter_shows_it(left, waits):
    """Attributes of objects are counted in those that were found: of later clients' only a census tells."""
    readings: Any = Readings([{"registry:Basket.items": left}] * 3 + [{"registry:Basket.items": 0.0}])
    settler = Settler(readings, PING, nobody)
    settler.lingerer = Lingerer(metric="registry:Basket.items", stood_s=0.8)
    assert (settler.settle().waited_s > settle.CAUTION * 0.8) is waits


def test_objects_that_linger_longer_than_their_containers_are_waited_for():
    """The containers are empty, and what was in them is held a little longer: seen by what the last rest had."""
    readings: Any = Readings([{}], objects=(100,))
    settler = Settler(readings, PING, nobody)
    settler.settle()
    settler.lingerer = Lingerer(metric="registry:a", stood_s=0.4)
    readings._objects = itertools.chain([900] * 12, itertools.repeat(100))
    settler.settle()
    assert next(readings._objects) == 100
    assert settler._rested_objects == 100


def test_objects_that_stay_are_waited_for_once():
    """A leak has more at each rest point, and they fall at none: the second is not kept waiting."""
    readings: Any = Readings([{}], objects=(100,))
    settler = Settler(readings, PING, nobody)
    settler.settle()
    settler.lingerer = Lingerer(metric="registry:a", stood_s=0.4)
    waited = []
    for objects in (500, 900):
        readings._objects = itertools.repeat(objects)
        waited.append(settler.settle().waited_s)
    assert waited[0] > waited[1] + 0.5 * settle.CAUTION * 0.4


def test_the_few_that_a_server_makes_on_first_use_are_given_no_longer():
    """Five that stay, after a wave of 200 clients, cost no run of a clean server eight seconds."""
    readings: Any = Readings([{"task:total": 5.0}])
    settled = Settler(readings, PING, lambda _waited, _above: None).settle(left=200)
    assert settled.remaining == {"task:total": 5.0}
    assert settled.waited_s < settle.LEARN_S


def test_what_falls_later_is_read_too_early_where_nothing_was_learnt():
    """Without the longer wait the same container is taken for retained: that is what the longer wait is for."""
    readings: Any = Readings(LATE)
    settler = Settler(readings, Ping(interval_s=0.05, timeout_s=0.05), lambda _waited, _above: None)
    assert settler.settle().remaining == {"registry:a": 5.0}
    assert settler.lingerer.metric == ""


def test_the_floor_of_a_container_found_later_is_what_it_held_before():
    """A table that was full from the start is no reason to wait for it to empty."""
    readings: Any = Readings([{"registry:a": 40.0}])
    settler = Settler(readings, PING, lambda _waited, _above: None)
    settler.add_floor({"registry:a": 40.0})
    assert settler.settle().remaining == {}


def test_a_traced_target_is_given_longer_to_ask_and_be_answered():
    """Its ping stays as often, a short timeout grows by what tracing slows it down; a long one stays as it is."""
    traced = PING.while_traced
    assert (traced.interval_s, traced.timeout_s) == (PING.interval_s, pytest.approx(0.8))
    assert [Ping(timeout_s=own).while_traced.timeout_s for own in (2.0, 5.0, 20.0)] == [5.0, 5.0, 20.0]
