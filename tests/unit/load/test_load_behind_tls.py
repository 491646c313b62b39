"""What only the lean client does, behind TLS."""

import time

import gevent
import pytest

from soakproof.load.clients.errors import StatusError
from soakproof.load.clients.hub import shared_hub
from soakproof.load.clients.peer import make_peer
from soakproof.load.clients.rest import Rest
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from soakproof.serverurl import parse_url


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
    rest = Rest(make_peer(parse_url(tls_server.url), ClientOptions(ca=str(certificates / "ca.pem"))))
    with pytest.raises(StatusError, match="HTTP 404"):
        rest.exchange("GET", "/nothing", None, 20)
    rest.close_idle()
