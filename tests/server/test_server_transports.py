"""The server over its real transports: polling, slow readers, refused and silent clients, and what they leave."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
import socketio

from server import sweep
from server.app import Server
from server.library import MemoryManager
from server.limits import Limits
from server.rooms import PROJECT_LIST
from server.sweep import Sweep
from tests.server.chatter import RawClient
from tests.server.running import running, wait_until
from tests.server.unscanned import Unscanned
from tests.server.world import LOOPBACK

LEFT = ("sockets", "environ", "sids", "rooms", "callbacks", "pending_disconnect", "binary_packets", "clients")
REGISTRIES = ("broadcast_times", "document_states", "document_locks", "sessions", "crawls")


@pytest.fixture(scope="module")
def server():
    with running("--clock-speed", "36000") as server:
        yield server


def sample(server):
    return server.get_json("/internal/memory/status")["sample"]


def wait_until_empty(server):
    wait_until(lambda: not any(sample(server)[name] for name in (*LEFT, *REGISTRIES)))


def test_after_all_have_gone_nothing_is_left(server):
    """Clients that do a bit of everything and drop leave no entry anywhere, the library's registries included."""
    for number in range(30):
        with RawClient(server.url) as client:
            ref = {"project_id": "p", "document_id": f"d{number}"}
            session = server.post("/api/agent-chat/sessions")
            crawl = server.post("/knowledge-items/crawl", {"url": "http://example.invalid"})
            client.call("join_document_room", ref)
            client.call("document_change", {"change": {**ref, "change_type": "title", "data": "T", "version": 1}})
            client.call("lock_document", ref)
            client.call("join_chat", session)
            client.call("chat_message", {**session, "message": "hi"})
            client.call("crawl_subscribe", {"progress_id": crawl["progressId"]})
            assert client.call("subscribe_projects", {}) is None
    wait_until_empty(server)


def test_a_refused_client_leaves_nothing(server):
    """Credentials the server refuses: an answer with the reason, and no trace."""
    with RawClient(server.url, auth={"token": "forged"}) as client:
        assert client.answer.startswith("44")
        assert "token" in json.loads(client.answer[2:])["message"]
        assert sample(server)["clients"] == 0
    wait_until_empty(server)


def test_a_client_that_leaves_in_the_middle_of_a_binary_event_leaves_nothing(server):
    """The header of a binary event came, its attachment never does."""
    with RawClient(server.url) as client:
        client.ws.send('451-["lock_document",{"document_id":{"_placeholder":true,"num":0}}]')
        wait_until(lambda: sample(server)["binary_packets"] == 1)
    wait_until_empty(server)


def test_the_server_speaks_long_polling(server):
    """A client without WebSockets joins, acts and is answered over HTTP alone."""
    opened = server.get("/socket.io/?EIO=4&transport=polling")
    path = f"/socket.io/?EIO=4&transport=polling&sid={re.search(r'sid.:.([^,]+?).,', opened)[1]}"
    post(server, path, "40")
    assert server.get(path).startswith("40")
    post(server, path, '42["join_project",{"project_id":"p"}]')
    assert 'joined_project",{"project_id":"p"}' in server.get(path)
    post(server, path, "41\x1e1")
    wait_until_empty(server)


def post(server, path, body):
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(server.url + path, body.encode()), timeout=10).close()


def test_a_reader_that_stops_reading_is_dropped():
    """A client whose queue grows past the limit is closed, and its queue is emptied."""

    async def flood():
        server = Server(limits=Limits())
        closed = await slow_socket(server, packets=50)
        await Sweep(server.sio, max_packets=100).run()
        kept = closed.closed
        for _ in range(60):
            closed.queue.put_nowait("packet")
        await Sweep(server.sio, max_packets=100).run()
        return kept, closed.closed, closed.queue.qsize(), server.count()

    kept, is_closed, left, counts = asyncio.run(flood())
    assert (kept, is_closed, left) == (False, True, 1)  # the one is what ends the writer
    assert (counts["sids"], counts["environ"]) == (0, 0)


def test_a_client_that_does_not_read_is_not_heard_until_it_does():
    """With its answers piling up, what a client sends waits; once they are read, it is handled."""

    async def ask():
        server = Server()
        socket = await slow_socket(server, packets=Limits().outbox_unheard + 1)
        asking = asyncio.ensure_future(server.sio._handle_eio_message("e1", '2["subscribe_projects",{}]'))
        for _ in range(20):
            await asyncio.sleep(0)
        rooms_before = set(server.sio.manager.rooms["/"])
        while not socket.queue.empty():
            socket.queue.get_nowait()
        await asking
        return PROJECT_LIST in rooms_before, PROJECT_LIST in server.sio.manager.rooms["/"]

    assert asyncio.run(ask()) == (False, True)


async def slow_socket(server, packets):
    from engineio.async_socket import AsyncSocket

    socket = AsyncSocket(server.sio.eio, "e1")
    server.sio.eio.sockets["e1"] = socket
    await server.sio._handle_eio_connect("e1", LOOPBACK)
    await server.sio._handle_eio_message("e1", "0")
    for _ in range(packets):
        socket.queue.put_nowait("packet")
    return socket


def test_a_transport_that_never_connects_is_dropped(monkeypatch):
    """An Engine.IO socket that joins no namespace is closed after a while; one that has joined stays."""

    async def wait():
        server = Server()
        from engineio.async_socket import AsyncSocket

        server.sio.eio.sockets["stranger"] = stranger = AsyncSocket(server.sio.eio, "stranger")
        guest = await slow_socket(server, packets=0)
        looking = Sweep(server.sio, 100)
        await looking.run()
        assert not stranger.closed
        monkeypatch.setattr(sweep, "CONNECT_WITHIN_REAL_S", 0.0)
        await looking.run()
        return stranger.closed, guest.closed, looking.closed

    assert asyncio.run(wait()) == (True, False, {"slow": 0, "stranger": 1})


def test_the_cap_on_clients_holds():
    """One client more than the cap is refused with a sentence, and leaves nothing in the library."""

    async def fill():
        server = Server(limits=Limits(connections=2))
        for number in range(3):
            await server.sio._handle_eio_connect(f"e{number}", LOOPBACK)
            await server.sio._handle_eio_message(f"e{number}", "0")
        return server.count()

    counts = asyncio.run(fill())
    assert (counts["clients"], counts["sids"], counts["pending_disconnect"]) == (2, 2, 0)


def test_a_client_whose_transport_was_closed_cannot_connect():
    """What such a client still says is not heard; the library would keep it in its rooms for good."""

    async def connect_late():
        server = Server()
        socket = await slow_socket(server, packets=0)
        await socket.close(wait=False, abort=True)
        await server.sio._handle_eio_message("e1", "0")
        return server.count()

    counts = asyncio.run(connect_late())
    assert (counts["sids"], counts["rooms"], counts["clients"]) == (0, 0, 0)


async def leave_among_many_rooms(manager):
    server = socketio.AsyncServer(async_mode="asgi", client_manager=manager)
    for name in ("stays", "leaves"):
        await manager.connect(name, "/")
    stays, leaves = manager.rooms["/"][None]
    for number in range(5):
        await manager.enter_room(stays, "/", f"room {number}")
    await manager.enter_room(leaves, "/", "room 0")
    manager.rooms["/"] = Unscanned(manager.rooms["/"])
    await manager.disconnect(leaves, "/")
    return server.manager.is_connected(leaves, "/"), len(manager.rooms["/"]["room 0"])


def test_leaving_does_not_look_through_the_rooms_of_others():
    """A client is taken out of its own rooms alone; the library's own manager looks through all there are."""
    assert asyncio.run(leave_among_many_rooms(MemoryManager())) == (False, 1)
    with pytest.raises(AssertionError, match="looked through"):
        asyncio.run(leave_among_many_rooms(socketio.AsyncManager()))


def test_the_manager_agrees_with_the_librarys_own():
    """After the same comings and goings, no room, callback or pending client is left in either."""

    async def come_and_go(manager):
        server = socketio.AsyncServer(async_mode="asgi", client_manager=manager)
        seen = []
        for name in ("a", "b"):
            await manager.connect(name, "/")
        for sid in list(manager.rooms["/"][None]):
            await manager.enter_room(sid, "/", "shared")
            manager._generate_ack_id(sid, print)
        first, second = manager.rooms["/"][None]
        await manager.leave_room(first, "/", "shared")
        seen.append(sorted(map(len, manager.rooms["/"].values())))
        for sid in (first, second):
            manager.pre_disconnect(sid, "/")
            await manager.disconnect(sid, "/")
            seen.append([len(manager.rooms.get("/", {})), len(manager.callbacks), len(manager.pending_disconnect)])
        await manager.disconnect("never came", "/")
        return seen, server.manager is manager

    assert asyncio.run(come_and_go(MemoryManager())) == asyncio.run(come_and_go(socketio.AsyncManager()))


def test_subscribers_see_the_list_of_projects_change(server):
    """A new project reaches the subscribers of the list within a few seconds, without their asking."""
    with RawClient(server.url) as client:
        client.call("subscribe_projects", {})
        assert client.wait_for("projects_update") == {"projects": []}
        ref = {"project_id": "new", "document_id": "d"}
        client.call("join_document_room", ref)
        client.call("document_change", {"change": {**ref, "change_type": "title", "data": "T", "version": 1}})
        assert client.wait_for("projects_update")["projects"] == [{"project_id": "new", "documents": 1}]
    wait_until_empty(server)
