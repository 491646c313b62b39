"""What clients send that they should not: answered with ``error``, stored nowhere, survived."""

from __future__ import annotations

import json
import random
import string

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from server.events.registration import EVENTS
from server.limits import Limits
from server.payloads import Nothing
from tests.server.chatter import RawClient
from tests.server.running import running
from tests.server.world import BY_NAME

REF = {"project_id": "p", "document_id": "d"}
EDIT = {"id": "c", **REF, "change_type": "content", "data": "x", "version": 1, "timestamp": 1, "user_id": "ann"}
LIMITS = Limits()


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server
        assert "Traceback" not in "".join(server.log)


@pytest.fixture
def client(server):
    with RawClient(server.url) as client:
        yield client


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


BAD = {
    "a text for a payload": ("lock_document", "d"),
    "a number for a payload": ("join_project", 7),
    "a list for a payload": ("join_chat", [{"session_id": "s"}]),
    "nothing for a payload": ("lock_document", None),
    "a number for an id": ("lock_document", {"document_id": 7}),
    "an empty id": ("lock_document", {"document_id": ""}),
    "a long id": ("lock_document", {"document_id": "d" * 201}),
    "a huge duration": ("lock_document", {"document_id": "d", "duration": 1e300}),
    "a duration past an hour": ("lock_document", {"document_id": "d", "duration": 3_600_001}),
    "a negative duration": ("lock_document", {"document_id": "d", "duration": -1}),
    "a text for a duration": ("lock_document", {"document_id": "d", "duration": "300000"}),
    "a text for a timestamp": ("document_change", {"change": EDIT | {"timestamp": "2025-01-09"}}),
    "a text for a version": ("document_change", {"change": EDIT | {"version": "1"}}),
    "a truth for a version": ("document_change", {"change": EDIT | {"version": True}}),
    "a version past all counting": ("document_change", {"change": EDIT | {"version": 10**40}}),
    "an unknown kind of change": ("document_change", {"change": EDIT | {"change_type": "rename"}}),
    "a number for a title": ("document_change", {"change": EDIT | {"change_type": "title", "data": 7}}),
    "a list for metadata": ("document_change", {"change": EDIT | {"change_type": "metadata", "data": []}}),
    "a change of nothing": ("document_change", {}),
    "an empty batch": ("document_batch_update", {**REF, "changes": []}),
    "a batch past all patience": ("document_batch_update", {**REF, "changes": [EDIT] * 101}),
    "a batch with one bad change": ("document_batch_update", {**REF, "changes": [EDIT, EDIT | {"version": -1}]}),
    "a deep payload": ("document_change", {"change": EDIT | {"data": nested(40)}}),
    "a very deep payload": ("document_change", {"change": EDIT | {"data": nested(400)}}),
    "a large payload": ("document_change", {"change": EDIT | {"data": "x" * LIMITS.event_bytes}}),
    "a long message": ("chat_message", {"session_id": "s", "message": "x" * 4_001}),
    "an unknown session": ("chat_message", {"session_id": "s", "message": "hi"}),
    "an unknown event": ("drop_table", {}),
    "the library's own disconnect": ("disconnect", {}),
    "the library's own connect": ("connect", {}),
    "our own unreadable": ("unreadable", {}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_payload_is_answered_with_error_and_changes_nothing(name, client, server):
    """The sender gets one ``error`` with a sentence, and no registry has an entry."""
    event, payload = BAD[name]
    client.send(event, payload)
    message = client.wait_for("error")["message"]
    assert 10 < len(message) < 400
    assert_empty(server)


PACKETS = {
    "infinitely large": '42["lock_document",{"document_id":"d","duration":Infinity}]',
    "not a number": '42["document_change",{"change":NaN}]',
    "not JSON": '42["lock_document",{"document_id":',
    "no list": '42{"document_id":"d"}',
    "no name": "42[]",
    "a number for a name": '42[7,{"document_id":"d"}]',
    "an object for a name": '42[{"a":1},{}]',
    "brackets without end": "42" + "[" * 50_000,
    "an integer of 5,000 digits": '42["join_project",{"project_id":' + "9" * 5_000 + "}]",
    "an unknown packet type": "49[]",
    "more attachments than the server takes": '45999-["lock_document",{"document_id":{"_placeholder":true,"num":0}}]',
}


@pytest.mark.parametrize("name", PACKETS)
def test_a_broken_packet_is_answered_with_error(name, client, server):
    """What is not even a packet gets an answer too, and its sender stays connected."""
    client.ws.send(PACKETS[name])
    assert client.wait_for("error")["message"]
    assert client.call("get_task_status", {"task_id": "t"})["success"] is False
    assert_empty(server)


def test_binary_where_text_belongs_is_answered_with_error(client, server):
    """Bytes in the place of an id, or anywhere in a document, are refused."""
    bytes_here = {"_placeholder": True, "num": 0}
    change = {"change": EDIT | {"data": {"deep": [bytes_here]}}}
    for event, payload in (("lock_document", {"document_id": bytes_here}), ("document_change", change)):
        client.ws.send("451-" + json.dumps([event, payload]))
        client.ws.send(b"\x00\x01\x02")
        assert "got" in client.wait_for("error")["message"]
    assert_empty(server)


def test_bytes_out_of_nowhere_are_answered_with_error(client):
    """A binary frame that belongs to no event is refused, and the client stays."""
    client.ws.send(b"\x07nonsense")
    assert client.wait_for("error")["message"]
    assert client.call("subscribe_projects", {}) is None


def test_a_message_past_the_transports_limit_closes_the_connection(server):
    """A megabyte is not even read to its end, so that it may not be sent to its end either; the server goes on."""
    with RawClient(server.url) as client:
        with pytest.raises(ConnectionClosed) as closed:
            send_and_wait(client, "x" * LIMITS.message_bytes)
        frame = closed.value.rcvd  # None where the kernel's reset overtook it
        assert frame is None or frame.code == CloseCode.MESSAGE_TOO_BIG
    assert_empty(server)


def send_and_wait(client, payload):
    client.send("join_project", payload)
    client.wait_for("error", timeout_s=5)


def test_ten_thousand_random_payloads_are_each_answered_with_error(server):
    """Ten thousand random payloads: ten thousand errors, nothing stored, server alive."""
    dice = random.Random(7)
    names = [event.name for event in EVENTS if event.shape is not Nothing and event.name != "leave_project"]
    with RawClient(server.url) as client:
        for _ in range(100):
            for _ in range(100):
                client.send(dice.choice(names), random_json(dice, 4))
            for _ in range(100):
                client.wait_for("error")
        assert client.events == []
    assert_empty(server)
    assert server.get_json("/health")["status"] == "healthy"


def random_json(dice, depth):
    kinds = ["null", "number", "text", "list", "object"] if depth else ["null", "number", "text"]
    kind = dice.choice(kinds)
    if kind == "null":
        return dice.choice([None, True, False])
    if kind == "number":
        return dice.choice([0, -1, 2**63, 1e308, 0.1, dice.randrange(10**30)])
    if kind == "text":
        return "".join(dice.choices(string.printable + "äß€\ud800\u0000😀", k=dice.randrange(20)))
    if kind == "list":
        return [random_json(dice, depth - 1) for _ in range(dice.randrange(4))]
    return {dice.choice(["projectId", "changes", "x"]): random_json(dice, depth - 1) for _ in range(dice.randrange(3))}


def test_each_event_says_what_it_needs():
    """No event takes a list for its payload; each complaint is a sentence without the payload in it."""
    from pydantic import ValidationError

    from server.payloads import explain

    for name, event in BY_NAME.items():
        with pytest.raises(ValidationError) as caught:
            event.shape.model_validate(["secret"])
        assert "secret" not in explain(caught.value), name


def assert_empty(server):
    sample = server.get_json("/internal/memory/status")["sample"]
    names = ("broadcast_times", "document_states", "document_locks", "sessions", "binary_packets")
    assert {name: sample[name] for name in names} == dict.fromkeys(names, 0)
