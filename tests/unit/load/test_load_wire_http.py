"""HTTP without I/O: responses come out whole however they are cut, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakproof.load.wire import http
from soakproof.load.wire.http import HttpError, ResponseReader

BODIES = st.binary(max_size=200)
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " + http._ACCEPT + b"\r\n\r\n"
)


def chunked(body, size):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def feed_in_pieces(data, cuts):
    reader, responses, at = ResponseReader(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        response = reader.feed(data[at:cut])
        responses += [response] if response is not None else []
        at = max(at, cut)
    return reader, responses


@given(BODIES, st.none() | st.integers(1, 50), st.data())
def test_a_response_comes_out_whole_however_it_is_cut(body, chunk, data):
    """With a length or in chunks, the body is the body, and what follows is left for later."""
    if chunk is None:
        stream = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-A:  b \r\n\r\n%s" % (len(body), body)
    else:
        stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A:  b \r\n\r\n" + chunked(body, chunk)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    reader, [response] = feed_in_pieces(stream, cuts)
    assert (response.status, response.headers["x-a"], response.body, reader.rest) == (200, "b", body, b"")


def test_a_second_response_follows_the_first():
    """A connection that is kept serves one response after the other."""
    reader = ResponseReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 404 No").body == b"a"
    assert reader.feed(b"t Found\r\nContent-Length: 0\r\n\r\n").status == 404


def test_a_body_may_end_with_the_connection():
    """Without a length, everything up to the end belongs to it; a head cut short is no response."""
    reader = ResponseReader()
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nab") is None
    assert reader.feed(b"c") is None
    assert reader.finish().body == b"abc"
    assert ResponseReader().finish() is None


@pytest.mark.parametrize(
    "stream", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
               b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
)  # fmt: skip
def test_nonsense_is_refused(stream):
    """Nothing but HttpError comes of it."""
    with pytest.raises(HttpError):
        ResponseReader().feed(stream)


@given(st.binary(max_size=20))
def test_frames_right_after_the_upgrade_are_kept(rest):
    """The short way and the long one agree on what comes after the server's consent."""
    reader = ResponseReader()
    response = reader.feed(ACCEPTED + rest)
    assert response
    assert http.is_accepted(response)
    assert reader.rest == rest == http.skip_upgrade(ACCEPTED + rest)


@pytest.mark.parametrize(
    "stream", [ACCEPTED[:-1], ACCEPTED.replace(b"101", b"200"), ACCEPTED.replace(http._ACCEPT, b"wrong")]
)
def test_the_short_way_takes_nothing_else(stream):
    """What is cut, refused or signed wrongly goes the long way."""
    assert http.skip_upgrade(stream) is None


def test_an_upgrade_request_says_what_the_rfc_wants():
    """Method, version, key and the user's own headers."""
    request = http.upgrade_request("/socket.io/?EIO=4", "h:1", {"X-Mine": "1"}).decode()
    assert request.startswith("GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: h:1\r\n")
    for line in ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "X-Mine: 1"):
        assert f"\r\n{line}\r\n" in request
    assert request.endswith("\r\n\r\n")
