"""Two workers over Redis behave as one server where it matters."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.identity import SECRET_ENV
from tests.server.chatter import RawClient
from tests.server.running import running, wait_until

pytestmark = pytest.mark.redis

REF = {"project_id": "p", "document_id": "d"}
EDIT = {"id": "c", **REF, "change_type": "content", "data": "one", "version": 1, "timestamp": 1, "user_id": "ann"}


@pytest.fixture(scope="module")
def two(redis_url):
    """Two workers, each with an address of its own, so that a test knows which it talks to."""
    with running("--redis", redis_url) as one, running("--redis", redis_url) as other:
        yield one, other


def test_a_lock_taken_through_one_is_refused_through_the_other(two):
    """The second worker says who holds the lock, until the first worker's client has released it."""
    one, other = two
    with RawClient(one.url) as ann, RawClient(other.url) as bob:
        ann.call("lock_document", {**REF, "user_id": "ann"})
        bob.call("lock_document", {**REF, "user_id": "bob"})
        assert bob.wait_for("lock_failed")["locked_by"] == "ann"
        bob.call("delete_document", REF)
        assert "locked by 'ann'" in bob.wait_for("error")["message"]
        ann.call("unlock_document", REF)
        bob.call("lock_document", {**REF, "user_id": "bob"})
        assert bob.wait_for("document_locked")["locked_by"] == "bob"


def test_broadcasts_cross(two):
    """What a client of one worker does, the clients of the other see."""
    one, other = two
    with RawClient(one.url) as ann, RawClient(other.url) as bob:
        for client in (ann, bob):
            client.call("join_document_room", REF)
        ann.call("document_change", {"change": EDIT})
        assert bob.wait_for("document_updated")["data"] == "one"
        ann.call("lock_document", {**REF, "user_id": "ann"})
        assert bob.wait_for("document_locked")["user_id"] == "ann"
        ann.close()
        assert bob.wait_for("document_unlocked")["data"]["reason"] == "client_disconnected"


def test_a_document_changed_through_one_is_read_through_the_other(two):
    """A document's state is one, whichever worker is asked, and a change builds on the other's."""
    one, other = two
    with RawClient(one.url) as ann, RawClient(other.url) as bob:
        ann.call("document_change", {"change": EDIT | {"document_id": "shared", "version": 5}})
        bob.call("request_document_states", {"project_id": "p"})
        states = {state["document_id"]: state for state in bob.wait_for("document_states")}
        assert (states["shared"]["content"], states["shared"]["version"]) == ("one", 5)
        bob.call("document_change", {"change": EDIT | {"document_id": "shared", "data": "two", "version": 6}})
        ann.call("join_document_room", {"project_id": "p", "document_id": "shared"})
        assert ann.wait_for("document_state")["content"] == "two"
        bob.call("delete_document", {"project_id": "p", "document_id": "shared"})
        assert ann.wait_for("document_deleted")["document_id"] == "shared"


def test_killing_a_worker_frees_its_clients_locks_within_their_expiry(two, redis_url):
    """After SIGKILL nobody is left to release a lock; it frees itself when its time is over, and not before."""
    _, other = two
    with running("--redis", redis_url) as doomed, RawClient(doomed.url) as ann, RawClient(other.url) as bob:
        wish = {"document_id": "orphan", "project_id": "p", "duration": 1_500}
        ann.call("lock_document", {**wish, "user_id": "ann"})
        doomed.stop(signal.SIGKILL)
        bob.call("lock_document", {**wish, "user_id": "bob"})
        refusal = bob.wait_for("lock_failed")
        assert refusal["locked_by"] == "ann"
        wait_until(lambda: is_granted(bob, wish), timeout_s=5)


def is_granted(client, wish):
    client.call("lock_document", {**wish, "user_id": "bob"})
    granted = any(event == "document_locked" for event, _ in client.events)
    client.events.clear()
    return granted


def test_workers_of_one_command_are_replaced_and_ended(redis_url):
    """Two workers behind one port; one that dies is replaced, and SIGTERM ends all of them with exit code 0."""
    with running("--redis", redis_url, "--workers", "2") as server:
        first = wait_until(lambda: known if len(known := pids(server)) == 2 else None)
        os.kill(min(first), signal.SIGKILL)
        second = wait_until(lambda: known if len(known := pids(server)) == 2 and known != first else None)
        with RawClient(server.url) as client:
            code, took_s = server.stop()
            assert client.wait_for("server_shutdown")
    assert code == 0
    assert took_s < 6
    assert not any(is_alive(pid) for pid in first | second)
    assert f"worker {min(first)} ended with -9" in "".join(server.log)
    assert "Traceback" not in "".join(server.log)


def test_workers_of_one_command_know_each_others_clients(redis_url):
    """A token that one worker has given is good on the other, without a secret set by hand."""
    environment = {name: value for name, value in os.environ.items() if name != SECRET_ENV}
    with running("--redis", redis_url, "--workers", "2", env=environment) as server, ExitStack() as clients:
        first = clients.enter_context(RawClient(server.url))
        token = first.call("identify")["token"]

        def both_have_clients():
            client = clients.enter_context(RawClient(server.url, auth={"token": token}))
            assert client.answer.startswith("40"), client.answer
            status = server.get_json("/internal/memory/status")
            counts[status["pid"]] = status["sample"]["clients"]
            return len(counts) == 2 and all(counts.values())

        counts: dict[int, int] = {}
        wait_until(both_have_clients)


def pids(server):
    """Return the pids of the server's children."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in children.split()}


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_when_redis_is_away_clients_are_told_and_the_server_lives():
    """Without Redis a lock cannot be given: the client gets an error, and leaving still cleans up the library."""
    with running("--redis", "redis://127.0.0.1:1") as server:
        with RawClient(server.url) as client:
            client.call("lock_document", REF)
            assert "could not" in client.wait_for("error")["message"]
        wait_until(lambda: server.get_json("/health")["clients"] == 0)
        sample = server.get_json("/internal/memory/status")["sample"]
        assert (sample["sids"], sample["document_locks"]) == (0, 0)
        code, took_s = server.stop()
    assert code == 0
    assert took_s < 5
