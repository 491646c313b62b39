"""Clients that do not read what a server has for them, as the server and its log see them."""

import gevent
import pytest

from soakproof.load.drops import MODES, slow
from soakproof.load.options import ClientOptions

STAY_S = 4.0
GIVEN_UP = {"ping timeout", "transport close"}


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(slow, "STAY_S", STAY_S)


def live(server, mode, **options):
    """Connect, call an event, leave in the mode; return how many bytes it read meanwhile."""
    way = MODES[mode]
    client = way.make(server.url, ClientOptions(timeout_s=30, **options), lambda reason: None)
    client.connect()
    client.call("work", {"a": 1})
    received, transport = [], client.transport
    take = transport._on_bytes

    def count(data):
        received.append(len(data))
        take(data)

    transport.stream._on_bytes = count
    way.leave(client)
    return sum(received)


def test_a_stalled_reader_is_given_up_by_its_ping(hasty_server):
    """It reads nothing and answers nothing, while its requests go on coming: the server's ping times out."""
    assert live(hasty_server, "stalled-reader") == 0
    assert hasty_server.counts()["work"] >= 2
    hasty_server.wait_for(disconnect=1)
    assert {record["reason"] for record in hasty_server.records("disconnect")} <= GIVEN_UP


def test_a_slow_reader_is_kept_by_its_pongs(hasty_server):
    """It reads nothing either, yet says that it is alive: it is there as long as it wants to be."""
    leaving = gevent.spawn(live, hasty_server, "slow-reader")
    gevent.sleep(STAY_S - 1)
    assert not hasty_server.records("disconnect")
    assert leaving.get() == 0
    hasty_server.wait_for(disconnect=1)


def test_a_slow_reader_reads_at_its_rate(server):
    """So many bytes a second, and no more, whatever waits."""
    rate = 100.0
    assert 0 < live(server, "slow-reader", read_rate=rate) <= rate * (STAY_S + 1)


def test_a_stalled_reader_reads_nothing_through_tls(tls_server, certificates):
    """No more than without."""
    assert live(tls_server, "stalled-reader", ca=str(certificates / "ca.pem")) == 0


def test_a_plain_websocket_is_read_slowly_too():
    """The modes are there for servers without Socket.IO."""
    assert MODES["slow-reader"].is_plain
    assert MODES["stalled-reader"].is_plain
