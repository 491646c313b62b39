"""Options of a client: what can be read is read, what cannot is refused in a sentence."""

import pytest

from soakproof.config import build_config
from soakproof.config.optiontext import parse_headers, parse_query, parse_transports
from soakproof.errors import ConfigError
from soakproof.load.clients import endpoint
from soakproof.load.clients.endpoint import KEPT, build_endpoint, build_target
from soakproof.load.drops import MODES, check_modes
from soakproof.load.options import ClientOptions
from soakproof.load.users.payloads import read_payload
from soakproof.run.assembly import make_client_options
from soakproof.serverurl import parse_url
from tests.unit.load.load_certificates import make_certificates


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h:1", ("h", 1, False)),
        ("h:1", ("h", 1, False)),
        ("http://h/x", ("h", 80, False)),
        ("http://[::1]:5", ("::1", 5, False)),
        ("https://h", ("h", 443, True)),
        ("wss://h:2", ("h", 2, True)),
    ],
)
def test_urls_are_read(url, address):
    """Host and port, with the scheme's own port where none is given."""
    assert parse_url(url)[:3] == address
    assert parse_url(f"{url}?a=b%20c&d").query == {"a": "b c", "d": ""}


@pytest.mark.parametrize("url", ["http://h:x", "http://", "ftp://h", ""])
def test_other_urls_are_refused(url):
    """The sentence shows one that works."""
    with pytest.raises(ConfigError, match="need something like http://127.0.0.1:8000"):
        parse_url(url)


def test_transports_are_read_in_order():
    """Names with a comma between."""
    assert parse_transports("polling, websocket") == ("polling", "websocket")


@pytest.mark.parametrize("text", ["", ",", "websockets", "websocket;polling"])
def test_other_transports_are_refused(text):
    """The sentence names those there are."""
    with pytest.raises(ConfigError, match="need websocket, polling or both"):
        parse_transports(text)


def test_an_endpoint_is_built_once_per_options():
    """The same for the same options, another for others, and never more than a few kept."""
    options = ClientOptions()
    assert build_endpoint("http://h:1", options) is build_endpoint("http://h:1", options)
    for _ in range(3 * KEPT):
        assert build_endpoint("http://h:1", ClientOptions(query={"a": "b"})).peer.authority == "h:1"
    assert b"Host: [::1]:5\r\n" in build_endpoint("http://[::1]:5", options).new_websocket


@pytest.mark.parametrize("mode", sorted(MODES.keys() - {"page-only"}))  # that one connects to nothing
def test_a_drop_mode_builds_its_endpoint_once(mode, monkeypatch):
    """However many clients leave in it: what differs from the options is worked out for the first alone."""
    built, options = {}, ClientOptions()
    monkeypatch.setattr(endpoint, "_built", built)
    for _ in range(3):
        MODES[mode].make("http://h:1", options, lambda _: None)
    assert len(built) == 1


def test_a_target_has_the_users_query_and_engine_ios():
    """Path, the user's own parameters, protocol revision, transport, session."""
    assert build_target("my/io/", {"t": "a b"}, "polling", "S") == "/my/io/?t=a+b&EIO=4&transport=polling&sid=S"
    assert build_target("/", {}, "websocket") == "/?EIO=4&transport=websocket"


def test_the_urls_query_goes_with_the_options():
    """Both are sent; the options win where a name is in both."""
    joint = build_endpoint("http://h:1/?a=1&b=2", ClientOptions(query={"b": "3"}))
    assert joint.target("websocket") == "/socket.io/?a=1&b=3&EIO=4&transport=websocket"
    assert b"GET /socket.io/?a=1&b=3&" in joint.new_websocket


def test_headers_are_read_and_joined():
    """A name given twice keeps both values, cookies with a semicolon between."""
    headers = parse_headers(["Cookie: a=1", "X-Trace:  t:1 ", "cookie: b=2", "X-trace: u"])
    assert headers == {"Cookie": "a=1; b=2", "X-Trace": "t:1, u"}


@pytest.mark.parametrize("text", ["", "Cookie", ": x", "A B: c", "A: b\r\nEvil: c", "A: \u20ac"])
def test_other_headers_are_refused(text):
    """Also one that would smuggle another in."""
    with pytest.raises(ConfigError, match="--header.*need"):
        parse_headers([text])


def test_the_query_is_read():
    """Everything after the first equals sign is the value."""
    assert parse_query(["token=a=b", "x="]) == {"token": "a=b", "x": ""}
    with pytest.raises(ConfigError, match="need a name, an equals sign"):
        parse_query(["token"])


def test_payloads_in_json_can_hold_bytes():
    """At any depth; what is no base64 is refused."""
    assert read_payload({"a": [{"$bytes": "AAH/"}, 1], "$bytes": "AA=="}) == {"a": [b"\0\1\xff", 1], "$bytes": "AA=="}
    for wrong in ("A", 1, None):
        with pytest.raises(ConfigError, match="--join up: .* is not base64"):
            read_payload({"$bytes": wrong}, "--join up")


def test_the_command_lines_options_reach_the_clients(tmp_path, monkeypatch):
    """Each as the clients take it; files with their whole path, since workers may run elsewhere."""
    make_certificates(tmp_path)
    monkeypatch.chdir(tmp_path)
    given = {
        "header": ["Cookie: a=1"], "query": ["t=1"], "serializer": "msgpack", "client": "reference", "ca": "ca.pem",
        "cert": "client.pem", "join": ['up={"$bytes": "AA=="}'], "path": "/io", "namespace": "/admin",
        "transports": "polling,websocket", "auth": '{"token": 1}',
    }  # fmt: skip
    options = make_client_options(build_config({**given, "command": ["run", "{port}"]}, None, tmp_path))
    assert options == ClientOptions(
        headers={"Cookie": "a=1"}, query={"t": "1"}, serializer="msgpack", client="reference",
        ca=str(tmp_path / "ca.pem"), cert=str(tmp_path / "client.pem"), joins=(("up", {"$bytes": "AA=="}),),
        path="/io", namespace="/admin", transports=("polling", "websocket"), auth={"token": 1},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ca": "missing.pem"}, "--ca missing.pem: No such file or directory; need a PEM file"),
        ({"join": ['up={"$bytes": "!"}']}, "--join up: '!' is not base64"),
        (
            {"header": ["Cookie"]},
            r"--header: got 6 characters \(not shown: they may be a secret\); need a name, a colon and a value",
        ),
        ({"query": ["token"]}, r"--query: got 5 characters \(not shown: they may be a secret\); need a name"),
        ({"serializer": "cbor"}, "--serializer: "),
    ],
)
def test_a_slip_in_an_option_is_one_sentence(given, sentence, tmp_path):
    """Before anything is started."""
    with pytest.raises(ConfigError, match=sentence):
        make_client_options(build_config({**given, "command": ["run", "{port}"]}, None, tmp_path))


def test_half_a_binary_event_needs_packets_in_parts():
    """With msgpack there is no middle to leave in."""
    check_modes(["mid-binary"], "lean")
    with pytest.raises(ConfigError, match="with msgpack, bytes are part of the packet"):
        check_modes(["close", "mid-binary"], "lean", "msgpack")
