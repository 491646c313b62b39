"""Where a target listens, found by looking: the ports that its processes hold open."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

import psutil

from soakproof.errors import TargetError

ANSWERS_WITHIN_S = 2.0
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}  # noqa: S104  # addresses that are read, not bound


class Listener(NamedTuple):
    """A port that a process listens on, and the address it can be reached at from here."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The port as an ``http`` URL."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def speaks_http(self) -> bool:
        """Whether it answers a request that asks for nothing of the application (RFC 9110, section 9.3.7)."""
        try:
            with socket.create_connection((self.host, self.port), timeout=ANSWERS_WITHIN_S) as connection:
                connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return connection.recv(5) == b"HTTP/"
        except OSError:
            return False


def find_listeners(processes: Iterable[psutil.Process]) -> list[Listener]:
    """Return the TCP ports that these processes listen on, lowest first; IPv4 where a port has both."""
    found: dict[int, Listener] = {}
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    host, port = connection.laddr
                    listener = Listener(ANY_ADDRESS.get(host, host), port)
                    if port not in found or ":" in found[port].host:
                        found[port] = listener
    return sorted(found.values(), key=lambda listener: listener.port)


def choose_listener(listeners: list[Listener]) -> Listener:
    """Return the one that serves HTTP.

    Raises:
        TargetError: several do, so that the user has to say which.
    """
    if len(listeners) > 1:
        listeners = [listener for listener in listeners if listener.speaks_http()] or listeners
    if len(listeners) > 1:
        urls = ", ".join(listener.url for listener in listeners)
        raise TargetError(f"the target listens at {urls}; need to know which one serves its clients: give --url")
    return listeners[0]
