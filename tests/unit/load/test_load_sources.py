"""More connections than one address has ports for."""

import contextlib
import socket

import gevent
import pytest

from soakproof.load.clients import sources
from soakproof.load.clients.hub import Hub
from soakproof.load.clients.sources import choose_source
from soakproof.load.clients.stream import Stream
from tests.unit.load.load_server import wait_until


@pytest.mark.parametrize(
    ("connections", "source"),
    [(0, None), (24_999, None), (25_000, "127.0.0.2"), (50_000, "127.0.0.3"), (250 * 25_000, "127.0.1.1")],
)
def test_an_address_that_is_full_is_followed_by_the_next(connections, source):
    """The kernel's choice first, then one loopback address after the other."""
    assert choose_source("127.0.0.1", connections) == source


@pytest.mark.parametrize("host", ["10.0.0.1", "::1", "localhost"])
def test_only_loopback_has_addresses_to_spare(host):
    """Anywhere else the kernel chooses, however many there are."""
    assert choose_source(host, 100_000) is None


def test_connections_come_from_several_addresses(monkeypatch):
    """With room for two each, five connections come from three addresses."""
    monkeypatch.setattr(sources, "PORTS_PER_SOURCE", 2)
    hub = Hub()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        streams = [Stream(hub, print, print) for _ in range(5)]
        for stream in streams:
            stream.open(listener.getsockname(), b"x")
        accepted = [listener.accept() for _ in streams]
        assert sorted(address[0] for _, address in accepted) == ["127.0.0.1"] * 2 + ["127.0.0.2"] * 2 + ["127.0.0.3"]
        for stream, (connection, _) in zip(streams, accepted, strict=True):
            stream.close()
            connection.close()


def test_what_the_kernel_does_not_take_at_once_is_sent_later():
    """Twenty megabytes to a peer that is slow to read arrive whole and in order."""
    hub, sent = Hub(), bytes(range(256)) * 80_000
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = Stream(hub, print, print)
        stream.open(listener.getsockname(), sent[:1000])
        stream.send(sent[1000:])
        stream.send(b"end")
        connection, _ = listener.accept()
        connection.settimeout(0)
        got = bytearray()

        def receive():
            gevent.sleep(0)
            with contextlib.suppress(BlockingIOError):
                got.extend(connection.recv(1 << 20))
            return len(got) == len(sent) + 3

        wait_until(receive)
        assert bytes(got) == sent + b"end"
        stream.close()
        connection.close()
