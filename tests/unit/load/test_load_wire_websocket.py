"""WebSocket frames without I/O: whatever is cut anywhere comes out whole, and what is forbidden is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakproof.load.wire import websocket
from soakproof.load.wire.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Decoder, FrameError, Message

PAYLOADS = st.one_of(st.binary(max_size=300), st.integers(0, 70_000).map(bytes))


def server_frame(opcode, payload, final=True):
    """A frame as a server sends it: unmasked."""
    masked = websocket.encode(opcode, payload)
    head = len(masked) - len(payload) - 4
    first = masked[0] if final else masked[0] & 0x7F
    return bytes([first, masked[1] & 0x7F]) + masked[2:head] + payload


def feed_in_pieces(data, cuts):
    decoder, messages, at = Decoder(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        messages += decoder.feed(data[at:cut]) if cut > at else []
        at = max(at, cut)
    return messages


@given(st.lists(st.tuples(st.sampled_from([TEXT, BINARY, PING, PONG]), PAYLOADS), max_size=5), st.data())
def test_messages_come_out_whole_however_they_are_cut(messages, data):
    """Frames of any length, cut at any places, yield the messages that went in."""
    stream = b"".join(
        server_frame(opcode, payload[:125] if opcode >= CLOSE else payload) for opcode, payload in messages
    )
    expected = [Message(opcode, payload[:125] if opcode >= CLOSE else payload) for opcode, payload in messages]
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    assert feed_in_pieces(stream, cuts) == expected


@given(st.lists(st.binary(max_size=50), min_size=2, max_size=5), st.data())
def test_fragments_are_joined_around_control_frames(parts, data):
    """A message in fragments, with a ping among them, comes out after the ping, in one piece."""
    ping_after = data.draw(st.integers(0, len(parts) - 2))
    stream = b""
    for number, part in enumerate(parts):
        stream += server_frame(TEXT if number == 0 else CONTINUATION, part, final=number == len(parts) - 1)
        if number == ping_after:
            stream += server_frame(PING, b"p")
    assert Decoder().feed(stream) == [Message(PING, b"p"), Message(TEXT, b"".join(parts))]


@given(st.sampled_from([TEXT, BINARY, CLOSE]), PAYLOADS)
def test_what_is_sent_is_masked_and_has_the_right_length(opcode, payload):
    """A client's frame has the mask bit, a key of zeros, and its payload as it is."""
    frame = websocket.encode(opcode, payload)
    assert frame[0] == 0x80 | opcode
    assert frame[1] & 0x80
    assert frame.endswith(bytes(4) + payload)
    width = {126: 2, 127: 8}.get(frame[1] & 0x7F, 0)
    length = int.from_bytes(frame[2 : 2 + width], "big") if width else frame[1] & 0x7F
    assert (length, len(frame)) == (len(payload), 2 + width + 4 + len(payload))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\xc1\x00", "reserved bits"),
        (b"\x81\x80\0\0\0\0", "masked frame"),
        (b"\x09\x00", "fragmented control frame"),
        (b"\x80\x00", "continuation of nothing"),
        (b"\x01\x00\x01\x00", "message inside a message"),
        (b"\x01\x00\x81\x00", "message inside a message"),
    ],
)
def test_what_the_rfc_forbids_is_refused(data, complaint):
    """Each breach of RFC 6455 has its own sentence."""
    with pytest.raises(FrameError, match=complaint):
        Decoder().feed(data)
