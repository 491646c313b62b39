"""What a server may ask of clients, asked by real servers: both clients, every transport."""

import gc
import json
from contextlib import suppress

import msgspec
import pytest

from soakproof.errors import ConfigError
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, RefusedError
from soakproof.load.clients.make import make_client
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from tests.unit.load.load_server import serve

WAYS = [("websocket",), ("polling",), ("polling", "websocket")]
pytestmark = [
    pytest.mark.parametrize("kind", ["lean", "reference"]),
    # The libraries under python-socketio's client leave connections that fail to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
every_way = pytest.mark.parametrize("transports", WAYS, ids="+".join)


@pytest.fixture
def connected():
    """Connect, to be released at the end."""
    clients = []

    def start(url, **options):
        clients.append(make_client(url, ClientOptions(**{"timeout_s": 30, **options})))
        clients[-1].connect()
        return clients[-1]

    yield start
    while clients:
        clients.pop().release()
    gc.collect()  # here, where what the libraries leave is forgiven


@every_way
def test_query_headers_and_cookies_reach_the_server(connected, hasty_server, kind, transports):
    """In every request of a connection, whatever carries it; the URL's query too."""
    headers = {"Cookie": "session=abc; theme=dark", "X-Trace": "t-1"}
    url = f"{hasty_server.url}/?tenant=7"
    client = connected(url, client=kind, transports=transports, query={"token": "a b"}, headers=headers)
    assert client.call("work", 1) == {"did": 1}
    for request in hasty_server.records("request"):
        assert {"tenant=7", "token=a+b"} <= set(request["query"].split("&"))
        sent = {name.lower(): value for name, value in request["headers"]}
        assert (sent["cookie"], sent["x-trace"]) == ("session=abc; theme=dark", "t-1")


@every_way
def test_a_server_may_stand_under_another_path(connected, tmp_path, kind, transports):
    """Nothing is asked for at /socket.io."""
    with serve("load_logging_app:app", tmp_path, PING="0.5", SIO_PATH="deep/realtime") as server:
        client = connected(server.url, client=kind, transports=transports, path="/deep/realtime")
        assert client.call("work") == {"did": None}
        assert {request["path"] for request in server.records("request")} == {"/deep/realtime/"}


def let_in(connect, kind):
    """Return what `connect` gives; python-socketio's client is asked again.

    It may lose a packet as it upgrades, and by TLS, where one thread reads as another writes, one in some hundred.
    """
    for _ in range(3 if kind == "reference" else 0):
        with suppress(ConnectError, AnswerTimeoutError):
            return connect()
    return connect()


@every_way
def test_tls_with_a_private_authority(connected, tls_server, certificates, kind, transports):
    """Acknowledged events, also large ones, and a farewell, through TLS."""

    def work():
        client = connected(tls_server.url, client=kind, transports=transports, ca=str(certificates / "ca.pem"))
        assert client.call("work", "x" * 200_000) == {"did": "x" * 200_000}
        return client

    let_in(work, kind).disconnect()
    if (
        kind == "lean" or transports[-1] == "websocket"
    ):  # by polling, python-socketio's drops what it sends as it leaves
        tls_server.wait_for(disconnect=1)


@every_way
def test_an_authority_that_is_not_known_is_a_sentence(connected, tls_server, kind, transports):
    """It says what to do; no packet was sent to a server that is not trusted."""
    with pytest.raises(ConnectError, match="certificate is not trusted: .*; name the authority .* with --ca FILE"):
        connected(tls_server.url, client=kind, transports=transports)
    assert not tls_server.records("request")


def test_a_certificate_for_another_name_is_refused(connected, tls_server, certificates, kind):
    """127.0.0.2 is not in the server's certificate."""
    url = tls_server.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(ConnectError, match="not trusted: IP address mismatch|Connection refused|Connection error"):
        connected(url, client=kind, ca=str(certificates / "ca.pem"))


def test_tls_to_a_server_without_it_is_a_sentence(connected, server, certificates, kind):
    """The usual slip: https:// where http:// was meant."""
    with pytest.raises(ConnectError, match="does not speak TLS; need http:// in place of https://"):
        connected(server.url.replace("http", "https"), client=kind, ca=str(certificates / "ca.pem"))


def test_a_server_may_want_the_clients_certificate(connected, tls_options, certificates, tmp_path, kind):
    """With --cert it lets the client in, and without it does not."""
    wants = ("--ssl-cert-reqs", "2", "--ssl-ca-certs", str(certificates / "ca.pem"))
    ways = (
        ("polling", "websocket") if kind == "lean" else ("websocket",)
    )  # an upgrade of python-socketio's loses events
    trust = {"client": kind, "transports": ways, "ca": str(certificates / "ca.pem")}
    with serve("load_logging_app:app", tmp_path, *tls_options, *wants, PING="0.5") as server:
        trusted = {**trust, "cert": str(certificates / "client.pem")}
        assert let_in(lambda: connected(server.url, **trusted).call("work", 1), kind) == {"did": 1}
        with pytest.raises(ConnectError):
            connected(server.url, **trust)


def test_files_that_are_no_certificates_are_refused(kind, tmp_path):
    """Before anything is connected to; the sentence names option and file."""
    (tmp_path / "empty.pem").write_text("nothing")
    for wrong in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        for option in ("ca", "cert"):
            with pytest.raises(ConfigError, match=f"--{option} {wrong}: .*; need a PEM file"):
                make_client("https://h:1", msgspec.convert({"client": kind, option: str(wrong)}, ClientOptions))


@every_way
def test_events_sent_before_the_connection_stands_are_kept(connected, hasty_server, kind, transports):
    """A server may emit, and bytes at that, from its connect handler."""
    client = connected(hasty_server.url, client=kind, transports=transports, auth="greet me")
    if kind == "lean":  # python-socketio's drops what comes before the namespace is connected
        assert client.wait_for("greeting") == b"hello"
    assert client.call("work", 1) == {"did": 1}


@pytest.mark.parametrize(
    ("settings", "seen"),
    [({"allow_upgrades": False}, {"http"}), ({"transports": ["polling"]}, {"http", "websocket"})],
    ids=["not offered", "refused"],
)
def test_a_server_without_upgrades_is_stayed_with_by_polling(connected, tmp_path, kind, settings, seen):
    """A client that would upgrade works by polling where no WebSocket is offered, or where one is and refused."""
    with serve("load_logging_app:app", tmp_path, PING="0.5", SETTINGS=json.dumps(settings)) as server:
        client = connected(server.url, client=kind, transports=("polling", "websocket"))
        assert client.call("work", 1) == {"did": 1}
        assert {request["kind"] for request in server.records("request")} == seen


def test_more_than_a_server_takes_at_once_goes_in_several_requests(connected, tmp_path, kind):
    """By polling, python-engineio takes 16 packets and max_http_buffer_size bytes in a request: 60 events arrive."""
    if kind == "reference":
        pytest.skip("python-socketio's client sends all that waits in one request, whatever the server says it takes")
    with serve(
        "load_logging_app:app", tmp_path, PING="0.5", SETTINGS=json.dumps({"max_http_buffer_size": 1000})
    ) as server:
        client = connected(server.url, transports=("polling",))
        for number in range(60):
            client.emit("work", [number, "x" * 100])
        assert client.call("work") == {"did": None}
        assert [record["data"][0] for record in server.records("work")[:-1]] == list(range(60))


def test_refusing_after_saying_yes_is_refusing(connected, tmp_path, kind):
    """With always_connect the server connects first and disconnects then."""
    with serve("load_logging_app:app", tmp_path, PING="0.5", SETTINGS=json.dumps({"always_connect": True})) as server:
        way = MODES["reject"]
        client = way.make(server.url, ClientOptions(timeout_s=30), lambda reason: None)
        client.connect()
        way.leave(client)
        assert server.wait_for(connect=1)["connect"] == 1
        assert connected(server.url, client=kind, auth="welcome").call("work") == {"did": None}


def test_refusals_are_told_from_failures(connected, hasty_server, kind):
    """What the application said is in the error."""
    with pytest.raises(RefusedError, match="wrong token"):
        connected(hasty_server.url, client=kind, auth={"token": "refused"})
