"""Packets without I/O: what our codec writes python-socketio's reads, and the other way round."""

import base64
import contextlib
import string

import pytest
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet as LibraryPacket

from soakproof.load.wire import packets
from soakproof.load.wire.packets import Packet, PacketError

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
WITH_BYTES = st.recursive(
    SCALARS | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
NAMESPACES = st.just("/") | st.text(string.ascii_letters, min_size=1, max_size=8).map(lambda name: f"/{name}")
IDS = st.none() | st.integers(0, 10**6)


def read_by_library(written):
    """Have python-socketio and python-engineio read what we wrote."""
    packet = LibraryPacket(encoded_packet=EnginePacket(encoded_packet=written[0].decode()).data)
    for attachment in written[1:]:
        packet.add_attachment(attachment)
    return packet


def read_by_us(packet):
    """Read what python-socketio wrote."""
    written = packet.encode()
    first, *attachments = written if isinstance(written, list) else [written]
    read = packets.decode("4" + first)
    assert read.attachments == len(attachments)
    return packets.attach(read, attachments) if attachments else read


@given(NAMESPACES, st.text(max_size=20), WITH_BYTES, IDS)
def test_the_library_reads_our_events(namespace, name, payload, ack_id):
    """Events with and without bytes, namespaces and ids."""
    read = read_by_library(packets.event(namespace, name, payload, ack_id))
    assert read.data == [name, *packets.to_arguments(payload)]
    assert (read.namespace or "/", read.id) == (namespace, ack_id)


@given(NAMESPACES, WITH_BYTES, st.integers(0, 10**6))
def test_the_library_reads_our_acknowledgements(namespace, payload, ack_id):
    """Likewise acknowledgements."""
    read = read_by_library(packets.acknowledge(namespace, ack_id, payload))
    assert (read.data, read.namespace or "/", read.id) == (packets.to_arguments(payload), namespace, ack_id)


@given(NAMESPACES, st.lists(WITH_BYTES, min_size=1, max_size=3), IDS)
def test_we_read_the_librarys_events(namespace, arguments, ack_id):
    """What python-socketio writes, bytes included, comes out as it went in."""
    sent = LibraryPacket(packets.EVENT, data=["name", *arguments], namespace=namespace, id=ack_id)
    read = read_by_us(sent)
    assert (read.namespace, read.ack_id, read.payload) == (namespace, ack_id, ["name", *arguments])
    assert read.kind in {packets.EVENT, packets.BINARY_EVENT}


@given(NAMESPACES, st.none() | st.dictionaries(st.text(max_size=5), VALUES, max_size=3))
def test_the_library_reads_our_connect_and_disconnect(namespace, auth):
    """Connecting, with credentials or without, and leaving."""
    read = read_by_library(packets.connect(namespace, auth))
    assert (read.packet_type, read.namespace or "/", read.data) == (packets.CONNECT, namespace, auth)
    read = read_by_library(packets.disconnect(namespace))
    assert (read.packet_type, read.namespace or "/", read.data) == (packets.DISCONNECT, namespace, None)


@given(st.lists(st.text("abc{}\"'[]0") | st.binary(min_size=1), min_size=1, max_size=16))
def test_payloads_of_polling_are_the_librarys(sent):
    """A polling response of python-engineio comes out packet by packet, text as text and bytes as bytes."""
    body = Payload([EnginePacket(int(packets.MESSAGE), data) for data in sent]).encode().encode()
    expected = [data if isinstance(data, bytes) else packets.MESSAGE + data for data in sent]
    assert list(packets.decode_payload(body)) == expected


@given(st.text(min_size=1, alphabet="4abc"), st.lists(st.binary(), max_size=3))
def test_the_library_reads_our_payloads(text, attachments):
    """A polling request of ours comes out packet by packet too."""
    body = b"\x1e".join(packets.encode_for_polling([f"4{text}".encode(), *attachments]))
    read = body.decode().split("\x1e")
    assert read[0] == f"4{text}"
    assert [base64.b64decode(packet[1:]) for packet in read[1:]] == attachments


def test_an_open_packet_says_who_and_how_often():
    """Session id, upgrades and ping times, in seconds."""
    opened = packets.decode_open('0{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}')
    assert opened == ("a", ("websocket",), 25.0, 20.0, 1_000_000)


@pytest.mark.parametrize("text", ["4", "49", "4x", "42{", "45[]", "45x-[]", "42[\ud800"])
def test_what_is_no_packet_is_refused(text):
    """Nothing but PacketError comes of it."""
    with pytest.raises(PacketError):
        packets.decode(text)


@pytest.mark.parametrize("text", ["0", "0[]", "0{}", '0{"sid":"a"}', "0null"])
def test_what_is_no_open_packet_is_refused(text):
    """Nothing but PacketError comes of it."""
    with pytest.raises(PacketError, match="not an Engine.IO 4 open packet"):
        packets.decode_open(text)


@pytest.mark.parametrize("body", [b"\xff", b"b***"])
def test_what_is_no_payload_is_refused(body):
    """Nothing but PacketError comes of it."""
    with pytest.raises(PacketError, match="not an Engine.IO payload"):
        list(packets.decode_payload(body))


@given(st.text(max_size=30))
def test_any_text_is_a_packet_or_refused(text):
    """The reader never fails in another way, whatever a server sends."""
    with contextlib.suppress(PacketError):
        assert isinstance(packets.decode("4" + text), Packet)
