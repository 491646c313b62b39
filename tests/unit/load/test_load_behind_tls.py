"""What only the lean client does, behind TLS."""

import time

import gevent
import pytest

from soakproof.load.clients.errors import ConnectError, StatusError
from soakproof.load.clients.hub import shared_hub
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from soakproof.load.visit.browser import Browser, close_idle_connections
from soakproof.load.visit.identity import Identity


@pytest.mark.slow
def test_whoever_vanished_behind_tls_is_let_go_of(tls_server, certificates):
    """The socket stays open in silence, and is closed as soon as the server has said that it gives up."""
    before = shared_hub().count()
    vanish = MODES["vanish"]
    client = vanish.make(tls_server.url, ClientOptions(timeout_s=30, ca=str(certificates / "ca.pem")), lambda _: None)
    client.connect()
    vanish.leave(client)
    assert shared_hub().count() == before + 1
    tls_server.wait_for(disconnect=1)
    deadline = time.monotonic() + 20  # asyncio's server gives up waiting after 30
    while shared_hub().count() > before:
        assert time.monotonic() < deadline
        gevent.sleep(0.05)


def test_rest_calls_go_through_tls_too(tls_server, certificates):
    """A user's HTTP requests trust whom its client trusts."""
    url = tls_server.url
    with pytest.raises(StatusError, match="HTTP 404"):
        Browser(url, ClientOptions(ca=str(certificates / "ca.pem")), Identity(url, 1, 0)).request("GET", "/nothing")
    with pytest.raises(ConnectError, match="--ca FILE"):
        Browser(url, ClientOptions(), Identity(url, 1, 0)).request("GET", "/nothing")
    close_idle_connections()
