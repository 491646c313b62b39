"""One suite for both clients, over every transport, against python-socketio's server in each mode, and Node's."""

import contextlib
import time

import gevent
import pytest

from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError, RefusedError
from soakproof.load.clients.make import make_client
from soakproof.load.options import ClientOptions
from tests.unit.load.load_conformance_server import serve_conformance

SERVERS = [
    ("asgi", "default"),
    *(
        pytest.param(server, marks=pytest.mark.slow)
        for server in (
            ("asgi", "msgpack"),
            ("aiohttp", "default"),
            ("threading", "default"),
            ("gevent", "default"),
            ("node", "default"),
            ("node", "msgpack"),
        )
    ),
]
WAYS = [("websocket",), ("polling",), ("polling", "websocket")]
PING_S = 0.2


@pytest.fixture(scope="module", params=SERVERS, ids="-".join)
def served(request, tmp_path_factory):
    mode, serializer = request.param
    with serve_conformance(mode, serializer, tmp_path_factory.getbasetemp() / "node") as url:
        yield url, serializer


@pytest.fixture(params=["lean", "reference"])
def kind(request):
    return request.param


@pytest.fixture(params=WAYS, ids="+".join)
def transports(request):
    return request.param


@pytest.fixture
def connect(served, kind, transports):
    url, serializer = served
    settings = {"client": kind, "transports": transports, "serializer": serializer}
    with contextlib.ExitStack() as clients:

        def start(when_lost=None, **options):
            client = make_client(url, ClientOptions(**settings, **options), when_lost)
            clients.callback(client.release)
            client.connect()
            return client

        yield start


def test_events_are_acknowledged_with_what_the_server_returns(connect):
    """No argument, one, several, unicode, bytes in the middle: each comes back as it went."""
    client = connect()
    assert client.is_connected
    for payload in (None, 1, "ü", {"a": [1, None]}, b"\0\xff", {"deep": [b"x", {"y": b""}]}, ("a", 2, b"b")):
        assert client.call("echo", payload) == payload
    client.disconnect()
    assert not client.is_connected


def test_events_of_the_server_come_in_order(connect):
    """Events that came before they were waited for are kept, and taken by name."""
    client = connect()
    client.emit("three")
    assert client.wait_for("second") == 2
    assert client.wait_for("first") == 1
    assert client.wait_for("third") == 3
    client.emit("push", ("bytes", b"\0" * 70_000))
    assert client.wait_for("bytes") == b"\0" * 70_000


def test_questions_of_the_server_are_acknowledged(connect):
    """An event with an acknowledgement asked for gets one by itself."""
    client = connect()
    client.emit("ask")
    assert client.wait_for("question") == {"q": 1}
    assert client.wait_for("answered") is None


def test_another_namespace_is_connected_to(connect):
    """Events go to the namespace of the options, and come from there."""
    client = connect(namespace="/admin")
    assert client.call("echo", [1]) == [1]
    client.emit("push", ("hello", 1))
    assert client.wait_for("hello") == 1


def test_a_refusal_is_an_error_of_its_own(connect):
    """What the server's application says is in the message; a namespace that does not exist is refused too."""
    with pytest.raises(RefusedError, match="wrong token"):
        connect(auth={"token": "wrong"})
    with pytest.raises(ConnectError):
        connect(namespace="/nowhere")


def test_pings_are_answered(connect):
    """A client that only waits is still connected after several ping intervals."""
    client = connect()
    with pytest.raises(AnswerTimeoutError, match="never did not come within"):
        client.wait_for("never", timeout_s=2.5 * PING_S)
    assert client.call("echo", 1) == 1


def test_being_thrown_out_is_noticed(connect):
    """Who waits is told, the owner is told once, and nothing can be sent any more."""
    reasons = []
    client = connect(reasons.append)
    client.emit("kick")
    with pytest.raises(LostError):
        client.wait_for("never")
    assert len(reasons) == 1
    with pytest.raises(LostError):
        client.emit("echo", 1)


def test_leaving_is_prompt_and_final(connect):
    """Either way to leave takes about a second at most, and says nothing to the owner."""
    reasons = []
    for leave in ("close", "disconnect"):
        client = connect(reasons.append)
        began = time.monotonic()
        getattr(client, leave)()
        assert time.monotonic() - began < 1.5
        assert not client.is_connected
    assert reasons == []


@pytest.mark.parametrize("kind", ["lean"], indirect=True)
def test_being_killed_leaves_nothing(served, kind, transports):
    """GreenletExit passes through every wait of the lean client: connecting, calling, waiting."""
    url, serializer = served
    client = make_client(url, ClientOptions(transports=transports, serializer=serializer))

    def wait_forever():
        client.connect()
        client.wait_for("never", timeout_s=60)

    greenlet = gevent.spawn(wait_forever)
    gevent.sleep(0.3)
    began = time.monotonic()
    greenlet.kill()
    assert time.monotonic() - began < 0.2
    assert isinstance(greenlet.value, gevent.GreenletExit)
    client.release()
