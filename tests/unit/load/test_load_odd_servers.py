"""Servers that answer oddly, slowly or not at all: the client says what it was, never hangs, and leaves no socket."""

import contextlib
import time

import pytest
from gevent import server as gserver
from gevent import sleep
from gevent.event import Event

from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError
from soakproof.load.clients.hub import shared_hub
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.load.wire import http
from soakproof.load.wire.websocket import Decoder, FrameError

TIMEOUT_S = 0.4
CONSENT = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    + http._ACCEPT
    + b"\r\n\r\n"
)
OPEN = b'0{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


def text(payload):
    return bytes([0x81, len(payload)]) + payload if len(payload) < 126 else b"\x81\x7e" + framed(payload)


def framed(payload):
    return len(payload).to_bytes(2, "big") + payload


def answer(status, body=b"", headers=b""):
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


@contextlib.contextmanager
def scripted(*pieces, stays=True):
    """A server that sends each piece in turn when it has read something, then stays silent, or closes."""
    heard = []

    def handle(sock, _address):
        for piece in pieces:
            data = sock.recv(65536)
            if not data:
                break
            heard.append(data)
            sock.sendall(piece)
        while stays and sock.recv(65536):
            pass
        sock.close()

    listener = gserver.StreamServer(("127.0.0.1", 0), handle)
    listener.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}", heard
    finally:
        listener.stop(timeout=1)


@pytest.fixture(autouse=True)
def no_socket_stays():
    """Whatever a server does, no socket of a client is left."""
    before = shared_hub().count()
    yield
    sleep(0)
    assert shared_hub().count() <= before  # one that an earlier test left may close meanwhile


def connect(url, mode="close", **options):
    client = MODES[mode].make(url, ClientOptions(**{"timeout_s": TIMEOUT_S, **options}), lambda reason: None)
    began = time.monotonic()
    try:
        client.connect()
    finally:
        assert time.monotonic() - began < 5 * TIMEOUT_S
    return client


CONNECTED = [CONSENT + text(OPEN), text(b'40{"sid":"b"}')]
WEBSOCKET = {
    "closes at once": ([], False, "closed by the server|reset by peer"),
    "closes when asked": ([b""], False, "closed by the server"),
    "says nothing": ([], True, "not connected within 0.4 s"),
    "half an answer": ([b"HTTP/1.1 101 Swi"], True, "not connected within 0.4 s"),
    "forbids": ([answer(b"403 Forbidden", b"no entry")], True, "HTTP 403 no entry"),
    "has no such path": ([answer(b"404 Not Found")], True, "HTTP 404"),
    "fails": ([answer(b"503 Service Unavailable", b"try later")], True, "HTTP 503 try later"),
    "redirects": ([answer(b"302 Found", headers=b"Location: /x\r\n")], True, "HTTP 302"),
    "is no web server": (
        [b"220 mail.example ESMTP\r\n\r\n"],
        True,
        "not an HTTP/1.1 response: '220 mail.example ESMTP'",
    ),
    "accepts another key": ([CONSENT.replace(http._ACCEPT, b"x" * 28)], True, "HTTP 101"),
    "opens and is silent": ([CONSENT], True, "not connected within"),
    "opens with nonsense": ([CONSENT + text(b"0{no json")], True, "not an Engine.IO 4 open packet"),
    "speaks Engine.IO 3": ([CONSENT + text(b'0{"sid":1}')], True, "not an Engine.IO 4 open packet"),
    "closes after the handshake": ([CONSENT + b"\x88\x02\x03\xe8"], True, "closed by the server"),
    "masks its frames": ([CONSENT + b"\x81\x81\0\0\0\0x"], True, "masked frame"),
    "compresses unasked": ([CONSENT + b"\xc1\x01x"], True, "reserved bits"),
    "sends no UTF-8": ([CONSENT + b"\x81\x02\xff\xff"], True, "utf-8"),
    "never answers the connect": ([CONSENT + text(OPEN)], True, "not connected within"),
    "refuses": ([CONSENT + text(OPEN), text(b'44{"message":"full"}')], True, "refused: full"),
    "refuses without a word": ([CONSENT + text(OPEN), text(b"44")], True, "refused: "),
    "sends bytes unannounced": ([CONSENT + text(OPEN), b"\x82\x01x"], True, "an attachment of nothing"),
    "announces too few bytes": (
        [CONSENT + text(OPEN), text(b'451-["e",{"_placeholder":true,"num":7}]') + b"\x82\x01x"],
        True,
        "placeholders do not fit 1 attachments",
    ),
    "sends nonsense for a packet": ([CONSENT + text(OPEN), text(b"49")], True, "not a Socket.IO packet"),
    "sends an event without a name": ([CONSENT + text(OPEN), text(b"42{}")], True, "an event without a name"),
}


@pytest.mark.parametrize(("pieces", "stays", "sentence"), WEBSOCKET.values(), ids=WEBSOCKET)
def test_a_websocket_that_does_not_come_about(pieces, stays, sentence):
    """A failure whose sentence says what the server did."""
    with scripted(*pieces, stays=stays) as (url, _), pytest.raises(ConnectError, match=sentence):
        connect(url)


POLLING = {
    "closes": ([b""], False, "closed by the server"),
    "says nothing": ([], True, "not connected within"),
    "fails": ([answer(b"500 Internal Server Error", b"oh")], True, "HTTP 500 oh"),
    "forgets the session": ([answer(b"200 OK", OPEN), answer(b"400 Bad Request", b'"Who?"')], True, "HTTP 400"),
    "opens with nonsense": ([answer(b"200 OK", b"<html>hello</html>")], True, "not an Engine.IO 4 open packet"),
    "sends no base64": ([answer(b"200 OK", OPEN + b"\x1eb%%%")], True, "not an Engine.IO payload|HTTP 200"),
    "counts wrongly": ([b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"], True, "Content-Length '-1' is no number"),
}


@pytest.mark.parametrize("transports", [("polling",), ("polling", "websocket")], ids="+".join)
@pytest.mark.parametrize(("pieces", "stays", "sentence"), POLLING.values(), ids=POLLING)
def test_polling_that_does_not_come_about(pieces, stays, sentence, transports):
    """Likewise, whether the client would upgrade or not."""
    with scripted(*pieces, stays=stays) as (url, _), pytest.raises(ConnectError, match=sentence):
        connect(url, transports=transports)


@pytest.mark.parametrize("mode", ["half-open", "upgrade-abort"])
@pytest.mark.parametrize("pieces", [[], [answer(b"404 Not Found")], [answer(b"200 OK", OPEN.replace(b"0{", b"1{"))]])
def test_intruders_fail_where_there_is_no_way_in(mode, pieces):
    """The modes that stop in the middle of a handshake need one."""
    with scripted(*pieces) as (url, _), pytest.raises(ConnectError):
        connect(url, mode)


def test_nobody_listens():
    """The operating system's own words."""
    with scripted() as (url, _):
        pass
    with pytest.raises(ConnectError, match="Connection refused"):
        connect(url)


LATER = {
    "closes": (b"\x88\x02\x03\xe8", "closed by the server"),
    "thinks it too much": (b"\x88\x02\x03\xf1", "closed by the server"),
    "disconnects": (text(b"41"), "disconnected by the server"),
    "ends the session": (text(b"1"), "closed by the server"),
    "talks nonsense": (text(b"4x"), "not a Socket.IO packet"),
}


@pytest.mark.parametrize(("piece", "sentence"), LATER.values(), ids=LATER)
def test_a_connection_that_is_lost_is_lost_for_who_waits(piece, sentence):
    """The call under way fails with the reason, and there is no connection any more."""
    with scripted(*CONNECTED, piece) as (url, _):
        client = connect(url)
        with pytest.raises(LostError, match=sentence):
            client.call("work")
        assert not client.is_connected
        client.release()


def test_a_server_that_answers_nothing_any_more_times_calls_out():
    """The call ends in time, and leaving takes no longer than it should."""
    with scripted(*CONNECTED, b"") as (url, _):
        client = connect(url)
        with pytest.raises(AnswerTimeoutError, match="work was not acknowledged within 0.4 s"):
            client.call("work")
        began = time.monotonic()
        client.disconnect()
        assert time.monotonic() - began < 1.5
        client.release()


def test_one_clients_bad_luck_is_not_the_others():
    """Whatever goes wrong while a client takes in what came, only that client is lost."""

    def break_down(reason):
        raise RuntimeError("a careless owner")

    with scripted(*CONNECTED, text(b"41")) as (url, _), scripted(*CONNECTED, text(b'431["well"]')) as (other_url, _):
        client = MODES["close"].make(url, ClientOptions(timeout_s=TIMEOUT_S), break_down)
        client.connect()
        other = connect(other_url)
        with pytest.raises((LostError, AnswerTimeoutError)):
            client.call("work")
        assert other.call("work") == "well"
        client.release()
        other.release()


@pytest.mark.parametrize(
    ("kind", "drops", "errors"),
    [
        (
            "lean",
            {"close": 4.0, "half-open": 1.0},
            {"WS connect: HTTP 403 no entry": 4, "WS connect (half-open): HTTP 403 no entry": 1},
        ),
        ("reference", {"close": 4.0, "graceful": 1.0}, {"WS connect: Handshake status 403 Forbidden": 5}),
    ],
)
def test_a_waves_errors_say_what_the_server_did(tmp_path, kind, drops, errors):
    """In the account of the wave, and at the end of locust.log."""
    log = tmp_path / "locust.log"
    with scripted(answer(b"403 Forbidden", b"no entry")) as (url, _):
        load = LocustLoad(url, log, options=ClientOptions(client=kind))
        load.start()
        try:
            load.begin(Order(index=0, phase="wave", clients=5, drops=drops))
            while not load.progress().is_done:
                sleep(0.02)
        finally:
            load.stop()
    assert (load.tally().errors, load.tally().opened, load.tally().failures) == (errors, 0, 5)
    report = log.read_text().partition("Error report")[2]
    for error in errors:
        assert error.partition(": ")[2] in report


def test_pieces_of_any_size_make_the_same_connection():
    """A server's answer that comes byte by byte is read all the same."""
    whole = CONSENT + text(OPEN)
    decoder = Decoder()
    assert [message.payload for byte in whole[len(CONSENT) :] for message in decoder.feed(bytes([byte]))] == [OPEN]
    with pytest.raises(FrameError):
        Decoder().feed(b"\x81\x81\0\0\0\0x")


def test_whoever_vanished_says_nothing_and_goes_when_the_server_gives_up():
    """Pings of both protocols stay without an answer, and so does the closing frame; but it ends the connection."""
    gives_up, is_over, answers = Event(), Event(), []

    def handle(sock, _address):
        for piece in CONNECTED:
            sock.recv(65536)
            sock.sendall(piece)
        gives_up.wait()
        sock.sendall(text(b"2") + b"\x89\x01x" + b"\x88\x02\x03\xe8")
        while not answers or answers[-1]:
            answers.append(sock.recv(65536))
        is_over.set()

    listener = gserver.StreamServer(("127.0.0.1", 0), handle)
    listener.start()
    client = connect(f"http://127.0.0.1:{listener.server_port}", "vanish")
    MODES["vanish"].leave(client)
    gives_up.set()
    assert is_over.wait(10)
    listener.stop()
    assert answers == [b""]
