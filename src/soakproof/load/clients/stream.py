"""A TCP connection that never makes a greenlet wait: sends at once, receives through the hub."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable

from gevent import monkey

from soakproof.load.clients.hub import READ, WRITE, Hub
from soakproof.load.clients.sources import choose_source

RECEIVE_BYTES = 16384
_NONBLOCKING = socket.SOCK_STREAM | socket.SOCK_NONBLOCK  # at once, and one system call less
SLOW_BUFFER_BYTES = 4096  # of the kernel's own, so that a slow reader's data waits in the server
_LINGER_ZERO = struct.pack("ii", 1, 0)
_BIND_WITHOUT_PORT = 24  # IP_BIND_ADDRESS_NO_PORT (Linux, ip(7)): connect chooses the port, so that ports are shared
_ERROR, _HANGUP = 8, 16  # EPOLLERR, EPOLLHUP

# The plain socket, in C: gevent's makes two watchers per socket, for waits that never happen here.
_plain_socket = monkey.get_original("socket", "SocketType")


class Stream:
    """One TCP connection.

    ``on_bytes(data)`` is called with what came, ``on_lost(reason)`` once when the peer closed or the network failed;
    neither after `close`.
    """

    __slots__ = ("_backlog", "_hub", "_mask", "_on_bytes", "_on_lost", "_reason", "_socket", "fd")

    def __init__(self, hub: Hub, on_bytes: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._hub = hub
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._backlog = b""
        self._mask = READ
        self._reason = "closed by the server"
        self._socket: socket.socket | None = None
        self.fd = -1

    def open(self, address: tuple[str, int], first: bytes) -> None:
        """Connect, and send the first bytes as soon as that can be.

        Raises:
            OSError: the address cannot be bound or reached.
        """
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sock = self._socket = _plain_socket(family, _NONBLOCKING)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        source = choose_source(address[0], self._hub.count())
        if source is not None:
            sock.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
            sock.bind((source, 0))
        code = sock.connect_ex(address)
        if code not in {0, errno.EINPROGRESS}:
            self.close()
            raise OSError(code, os.strerror(code))
        self.fd = sock.fileno()
        self._hub.add(self.fd, self)
        self.send(first)

    @property
    def is_open(self) -> bool:
        """Whether the socket is still there."""
        return self._socket is not None

    @property
    def is_blocked(self) -> bool:
        """Whether something waits to be sent: the server does not read either."""
        return bool(self._backlog)

    def slow_down(self) -> None:
        """Receive no more by itself: only what `take` is called for."""
        if self._socket is not None:
            self._mask = 0
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
            self._hub.change(self.fd, WRITE if self._backlog else 0)

    def take(self, most_bytes: int) -> None:
        """Receive so many bytes at most, if they are there."""
        if self._socket is not None and most_bytes > 0:
            self._receive(most_bytes)

    def send(self, data: bytes) -> None:
        """Send now what the kernel takes, and the rest when it takes more; nothing on a closed stream.

        A connection that turns out lost is told through the hub, never from here.
        """
        if self._socket is None:
            return
        if self._backlog:
            self._backlog += data
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._reason = error.strerror or str(error)
            return
        if sent < len(data):
            self._backlog = data[sent:]
            self._hub.change(self.fd, self._mask | WRITE)

    def on_ready(self, mask: int) -> None:
        """Receive, or send what is left."""
        if mask & (READ | _ERROR | _HANGUP):
            self._receive()
        if mask & WRITE and self._backlog and self._socket is not None:
            data, self._backlog = self._backlog, b""
            self._hub.change(self.fd, self._mask)
            self.send(data)

    def close(self) -> None:
        """Close the socket; harmless when called twice."""
        sock, self._socket = self._socket, None
        self._on_bytes = self._on_lost = ignore  # no cycle is left behind: reference counts free everything
        if sock is not None:
            self._hub.remove(self.fd)
            sock.close()

    def reset(self) -> None:
        """Close with a TCP RST (a linger time of zero), as when a middlebox drops the connection."""
        if self._socket is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.close()

    def fail(self, reason: str) -> None:
        """Close the socket, as if it had been lost; harmless when closed."""
        if self._socket is not None:
            self._lose(reason)

    def _receive(self, most_bytes: int = RECEIVE_BYTES) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(most_bytes)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        if data:
            self._on_bytes(data)
        else:
            self._lose(self._reason)

    def _lose(self, reason: str) -> None:
        tell = self._on_lost
        self.close()
        tell(reason)


def ignore(_: object) -> None:
    """Do nothing with what came."""
