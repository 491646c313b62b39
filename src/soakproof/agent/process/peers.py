"""What a socket is and whom it is connected to, by the system's tables: also where Python has no object for it."""

from __future__ import annotations

import socket
import struct

_INET = (("tcp", "/proc/self/net/tcp"), ("tcp", "/proc/self/net/tcp6"), ("udp", "/proc/self/net/udp"))
_UNIX = "/proc/self/net/unix"
_LISTENING = "0A"
_IPV4_DIGITS = 8


def peers_by_inode() -> dict[str, str]:
    """Return by inode what each socket is: ``tcp to 127.0.0.1:5432``, ``tcp listening on ...``, ``unix socket``."""
    peers: dict[str, str] = {}
    for protocol, file in _INET:
        for fields in rows_of(file):
            if len(fields) > 9:  # noqa: PLR2004 -- the inode is the tenth
                peers[fields[9]] = describe(protocol, fields[1], fields[2], fields[3])
    for fields in rows_of(_UNIX):
        if len(fields) > 6:  # noqa: PLR2004 -- the inode is the seventh
            peers[fields[6]] = f"unix socket {' '.join(fields[7:])}".strip()
    return peers


def rows_of(file: str) -> list[list[str]]:
    """Return the rows of a table of the system, without its heading."""
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 -- no pathlib in the target
            return [line.split() for line in stream.readlines()[1:]]
    except OSError:
        return []


def describe(protocol: str, local: str, remote: str, state: str) -> str:
    """Return one socket in words, from the hexadecimal addresses of the table."""
    if state == _LISTENING:
        return f"{protocol} listening on {address(local)}"
    return f"{protocol} to {address(remote)}"


def address(text: str) -> str:
    """Return ``host:port`` of ``0100007F:1538``: words of four bytes in the machine's order, the port in the net's."""
    host, _, port = text.partition(":")
    words = [host[at : at + _IPV4_DIGITS] for at in range(0, len(host), _IPV4_DIGITS)]
    packed = b"".join(struct.pack("=I", int(word, 16)) for word in words)
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    name = socket.inet_ntop(family, packed)
    return f"{name if family == socket.AF_INET else f'[{name}]'}:{int(port, 16)}"


def describe_target(target: str, peers: dict[str, str]) -> str:
    """Return what a descriptor is: of ``socket:[123]`` the peer if the tables have it, of all else what /proc says."""
    if not target.startswith("socket:["):
        return target
    return peers.get(target[len("socket:[") : -1], "socket that is bound to nothing")
