"""A client as others write theirs: python-socketio's own, in words of the seed's system."""

from __future__ import annotations

import pytest
import socketio

from tests.server.running import running

REF = {"project_id": "p", "document_id": "d"}
EDIT = {"id": "c1", **REF, "change_type": "content", "data": {"text": "one"}, "user_id": "ann", "version": 1}


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def connect(server):
    clients = []

    def connect(*transports):
        client = socketio.SimpleClient()
        client.connect(server.url, transports=list(transports))
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.disconnect()


@pytest.mark.parametrize("transports", [("websocket",), ("polling", "websocket")], ids=["direct", "upgraded"])
def test_two_stock_clients_work_on_one_document(connect, transports):
    """Joining, changing, locking and unlocking: each of two stock clients hears what the other does."""
    ann, bob = connect(*transports), connect(*transports)
    for client in (ann, bob):
        client.emit("join_document_room", REF)
        wait_for(client, "joined_document")
    ann.emit("document_change", {"change": EDIT | {"timestamp": 1_736_380_800_000}})
    assert wait_for(bob, "document_updated")["data"] == {"text": "one"}
    bob.emit("lock_document", {**REF, "user_id": "bob"})
    assert wait_for(ann, "document_locked")["user_id"] == "bob"
    ann.emit("unlock_document", {**REF, "user_id": "bob"})
    assert wait_for(ann, "unlock_failed")["reason"] == "not_lock_owner"
    bob.emit("unlock_document", {**REF, "user_id": "bob"})
    assert wait_for(ann, "document_unlocked")["user_id"] == "bob"
    ann.emit("delete_document", {**REF, "user_id": "ann"})
    assert wait_for(bob, "document_deleted")["document_id"] == "d"


def test_a_stock_client_chats_and_follows_a_crawl(connect, server):
    """A session opened over HTTP is talked in over Socket.IO; a crawl is followed, and asked about."""
    client = connect("websocket")
    session = server.post("/api/agent-chat/sessions")
    client.emit("join_chat", session)
    wait_for(client, "connection_confirmed")
    client.emit("chat_message", {**session, "message": "hi"})
    assert wait_for(client, "stream_chunk")["content"]
    assert wait_for(client, "stream_complete") == session
    task_id = server.post("/knowledge-items/crawl", {"url": "http://example.invalid"})["progressId"]
    client.emit("crawl_subscribe", {"progress_id": task_id})
    assert wait_for(client, "crawl_subscribe_ack")["progress_id"] == task_id
    assert client.call("get_task_status", {"task_id": task_id})["success"]


def wait_for(client, event):
    """Return the payload of the next such event."""
    while True:
        name, *payload = client.receive(timeout=10)
        if name == event:
            return payload[0]
