"""Plain WebSockets against a real server: messages both ways, every way to leave, and what goes wrong."""

import json
import textwrap
from collections import Counter
from typing import Any
from urllib.request import urlopen

import pytest

from soakproof.config import build_config
from soakproof.errors import ConfigError
from soakproof.load.clients.errors import AnswerTimeoutError, ConnectError, LostError
from soakproof.load.clients.make import make_client
from soakproof.load.drops import MODES, check_modes
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.run.assembly import make_client_options
from soakproof.run.presets import check_protocol
from tests.unit.load.load_server import serve, wait_until

BY_THE_BOOK = {1000}
CUT = {1005, 1006, 1012}  # servers differ in what they say of a connection that broke


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with serve("load_plain_app:app", tmp_path_factory.mktemp("plain")) as server:
        wait_until(lambda: is_there(server.url))
        yield server


def is_there(url):
    try:
        urlopen(f"{url}/seen", timeout=5).close()
    except OSError:
        return False
    return True


def seen(plain, who):
    with urlopen(f"{plain.url}/seen", timeout=5) as answer:
        return [record for record in json.load(answer) if record[1] == who]


def connected(plain, **options) -> Any:
    client = make_client(
        plain.url, ClientOptions(**{"protocol": "websocket", "path": "/ws/chat", "timeout_s": 5, **options})
    )
    client.connect()
    return client


def test_messages_go_both_ways(plain):
    """Text as text, bytes as bytes, in their order; the query goes with the path as it is named."""
    client = connected(plain, path="/ws/chat?who=ann", query={"lang": "de"}, headers={"Origin": "http://here"})
    client.send("hello")
    client.send(b"\x00\x01")
    assert [client.receive(), client.receive()] == ["hello", b"\x00\x01"]
    with pytest.raises(AnswerTimeoutError, match=r"a message did not come within 0.1 s"):
        client.receive(0.1)
    client.close()
    wait_until(lambda: len(seen(plain, "ann")) == 4)
    assert seen(plain, "ann") == [
        ["came", "ann", "http://here"], ["said", "ann", "hello"], ["sent", "ann", 2], ["left", "ann", 1000],
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "sentence"), [("/ws/refuse", "HTTP 403"), ("/ws/none", "HTTP 40[34]")])
def test_a_refusal_is_told(plain, path, sentence):
    """The server's answer is in the error."""
    with pytest.raises(ConnectError, match=sentence):
        connected(plain, path=path)


def test_a_server_that_hangs_up_is_noticed(plain):
    """Who waits is woken, and the owner is told."""
    lost = []
    client: Any = make_client(
        plain.url, ClientOptions(protocol="websocket", path="/ws/hang-up", timeout_s=5), lost.append
    )
    client.connect()
    with pytest.raises(LostError):
        client.receive()
    assert lost == ["closed by the server"]


@pytest.mark.parametrize(
    ("mode", "codes"), [("close", BY_THE_BOOK), ("graceful", BY_THE_BOOK), ("reset", CUT), ("storm", CUT)]
)
def test_a_client_leaves_in_its_mode(plain, mode, codes):
    """By the closing handshake, or without."""
    client = MODES[mode].make(
        plain.url, ClientOptions(protocol="websocket", path=f"/ws/chat?who={mode}"), lambda _: None
    )
    client.connect()
    MODES[mode].leave(client)
    wait_until(lambda: any(record[0] == "left" for record in seen(plain, mode)))
    assert [code in codes for what, _, code in seen(plain, mode) if what == "left"] == [True]


def test_modes_of_socketio_are_refused():
    """There is no Engine.IO handshake to leave half done."""
    for name in ("half-open", "unacked", "mid-binary", "polling", "reject"):
        with pytest.raises(
            ConfigError, match=f"--drop '{name}': a plain WebSocket knows no such way to leave; there are"
        ):
            check_modes([name], protocol="websocket")
    check_modes(["graceful", "close", "reset", "vanish", "storm"], protocol="websocket")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"protocol": "websocket", "join": ["hello"]}, "say what clients send with --message TEXT"),
        ({"protocol": "websocket", "auth": "{}"}, "no events and no auth"),
        ({"message": ["hello"]}, "--message without --protocol websocket"),
        ({"protocol": "websocket", "message": ["{nobody}"]}, "--message: unknown placeholder {nobody}"),
    ],
)
def test_options_of_the_other_protocol_are_refused(options, sentence):
    """Each says what to use instead."""
    config = build_config({"command": ["python", "app.py"], **options})
    with pytest.raises(ConfigError, match=sentence):
        refuse(config)


def refuse(config):
    check_protocol(config)
    make_client_options(config)


def carry_out(load, **order):
    load.begin(Order(**{"index": 3, "phase": "wave", "drops": {"close": 1.0}, "clients": 6, **order}))
    wait_until(lambda: load.progress().is_done, 60)
    return load.tally()


@pytest.fixture
def load(plain, tmp_path):
    loads = []

    def start(options, **arguments):
        loads.append(LocustLoad(plain.url, tmp_path / "locust.log", **arguments))
        loads[-1].start()
        loads[-1].aim(plain.url, options)
        return loads[-1]

    yield start
    for each in loads:
        each.stop()


def test_a_wave_of_the_built_in_clients(load, plain):
    """Each says who it is, text, JSON and bytes, and leaves."""
    messages = ("hello", '{"type": "join", "who": "{n}"}', '{"$bytes": "AAEC"}')
    options = ClientOptions(
        protocol="websocket", path="/ws/chat", query={"who": "wave{wave}"}, messages=messages, timeout_s=5
    )
    tally = carry_out(load(options), drops={"close": 2, "reset": 1})
    assert (tally.opened, tally.events, tally.errors) == (6, 18, {})
    assert tally.dropped == {"close": 4, "reset": 2}
    wait_until(lambda: Counter(what for what, *_ in seen(plain, "wave3"))["left"] == 6)
    heard = seen(plain, "wave3")
    counted = Counter(what for what, *_ in heard)
    assert counted["came"] == counted["left"] == 6
    assert 2 * 4 <= counted["said"] <= 2 * 6  # a reset takes with it what the server has not read yet
    assert 4 <= counted["sent"] <= 6
    names = {json.loads(said)["who"] for what, _, said in heard if what == "said" and said != "hello"}
    assert names <= set("123456")
    assert len(names) >= 4


def test_users_of_a_locust_file(load, plain, tmp_path):
    """WebSocketUser: text, JSON, and answers."""
    file = tmp_path / "users.py"
    file.write_text(
        textwrap.dedent("""
        from locust import constant, task
        from soakproof.load import ClientOptions, WebSocketUser

        class Talker(WebSocketUser):
            options = ClientOptions(path="/ws/chat", query={"who": "locust{wave}"})
            wait_time = constant(60)

            @task
            def talk(self):
                self.send({"a": 1})
                assert self.receive_json() == {"a": 1}
                self.send("text")
                assert self.receive() == "text"
        """)
    )
    tally = carry_out(load(ClientOptions(), locustfile=str(file)), index=5, clients=2)
    assert (tally.opened, tally.events, tally.errors) == (2, 4, {})
    assert Counter(what for what, *_ in seen(plain, "locust5"))["said"] == 4
