"""Options of a client: what can be read is read, what cannot is refused in a sentence."""

import pytest

from soakproof.errors import ConfigError
from soakproof.load.clients.endpoint import KEPT, build_endpoint, build_target
from soakproof.load.options import ClientOptions, parse_transports, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://h:1", ("h", 1)), ("h:1", ("h", 1)), ("http://h/x", ("h", 80)), ("http://[::1]:5", ("::1", 5))],
)
def test_urls_are_read(url, address):
    """Host and port, with HTTP's own port where none is given."""
    assert parse_url(url) == address


@pytest.mark.parametrize("url", ["https://h", "http://h:x", "http://", "ftp://h", ""])
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
        assert build_endpoint("http://h:1", ClientOptions(query={"a": "b"})).host == "h:1"
    assert b"Host: [::1]:5\r\n" in build_endpoint("http://[::1]:5", options).new_websocket


def test_a_target_has_the_users_query_and_engine_ios():
    """Path, the user's own parameters, protocol revision, transport, session."""
    options = ClientOptions(path="my/io/", query={"t": "a b"})
    assert build_target(options, "polling", "S") == "/my/io/?t=a+b&EIO=4&transport=polling&sid=S"
