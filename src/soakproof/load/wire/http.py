"""As much of HTTP/1.1 (RFC 9112) as Engine.IO needs of a client, without I/O: requests out, responses in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

SWITCHING_PROTOCOLS, OK = 101, 200

# RFC 6455, section 4.1 wants a random nonce, so that no cache can answer in the server's place. None is between us.
_NONCE = base64.b64encode(b"soakproof-client")
_ACCEPT = base64.b64encode(hashlib.sha1(_NONCE + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324  # the RFC's
_END = b"\r\n\r\n"


class HttpError(ValueError):
    """The server sent what is no response."""


class Response(NamedTuple):
    """A whole response; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """Return a request; ``host`` with its port."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + _END + (body or b"")


def upgrade_request(target: str, host: str, headers: Mapping[str, str]) -> bytes:
    """Return the request that opens a WebSocket (RFC 6455, section 4.1)."""
    return request(
        "GET",
        target,
        host,
        {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": _NONCE.decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        },
    )


def is_accepted(response: Response) -> bool:
    """Return whether the server opened the WebSocket that was asked for (RFC 6455, section 4.2.2)."""
    accept = response.headers.get("sec-websocket-accept", "")
    return response.status == SWITCHING_PROTOCOLS and accept.encode() == _ACCEPT


def skip_upgrade(data: bytes) -> bytes | None:
    """Return what comes after the server's consent to a WebSocket, if the data start with all of it."""
    end = data.find(_END)
    if end < 0 or not data.startswith(b"HTTP/1.1 101 ") or _ACCEPT not in data[:end]:
        return None
    return data[end + len(_END) :]


class ResponseReader:
    """Puts one response together from the bytes a server sends, however they are cut.

    `rest` holds what came after it: the first frames, after a switch of protocols.
    """

    __slots__ = ("_head", "_headers", "_status", "rest")

    def __init__(self) -> None:
        self._head = False
        self._status = 0
        self._headers: dict[str, str] = {}
        self.rest = b""

    def feed(self, data: bytes) -> Response | None:
        """Return the response once it is whole.

        Raises:
            HttpError: the server sent what is no response.
        """
        self.rest = self.rest + data if self.rest else data
        if not self._head and not self._read_head():
            return None
        body = self._take_body()
        if body is None:
            return None
        self._head = False
        return Response(self._status, self._headers, body)

    def finish(self) -> Response | None:
        """Return the response whose body ends with the connection (RFC 9112, section 6.3), if there is one."""
        if not self._head or not self._is_open_ended():
            return None
        self._head = False
        body, self.rest = self.rest, b""
        return Response(self._status, self._headers, body)

    def _is_open_ended(self) -> bool:
        return not self._headers.keys() & {"content-length", "transfer-encoding"}

    def _read_head(self) -> bool:
        end = self.rest.find(_END)
        if end < 0:
            return False
        first, *lines = self.rest[:end].decode("latin-1").split("\r\n")
        version, _, status = first.partition(" ")
        if not version.startswith("HTTP/1.") or not status[:3].isdecimal():
            raise HttpError(f"not an HTTP/1.1 response: {first[:80]!r}")
        self._status = int(status[:3])
        self._headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.rest = self.rest[end + len(_END) :]
        self._head = True
        return True

    def _take_body(self) -> bytes | None:
        """Take the body off `rest`; None while more must come."""
        if self._status == SWITCHING_PROTOCOLS or self._status in {204, 304}:
            return b""
        if self._headers.get("transfer-encoding", "").lower() == "chunked":
            return self._take_chunks()
        if self._is_open_ended():
            return None
        length = self._headers["content-length"]
        if not length.isdecimal():
            raise HttpError(f"Content-Length {length[:80]!r} is no number")
        return self._take(int(length))

    def _take(self, length: int) -> bytes | None:
        if len(self.rest) < length:
            return None
        body, self.rest = self.rest[:length], self.rest[length:]
        return body

    def _take_chunks(self) -> bytes | None:
        """Take a chunked body (RFC 9112, section 7.1) once its last chunk is there."""
        parts: list[bytes] = []
        at = 0
        while (line_end := self.rest.find(b"\r\n", at)) >= 0:
            size = _chunk_size(self.rest[at:line_end])
            start = line_end + 2
            if len(self.rest) < start + size + 2:
                return None
            if size == 0:
                self.rest = self.rest[start + 2 :]
                return b"".join(parts)
            parts.append(self.rest[start : start + size])
            at = start + size + 2
        return None


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError as error:
        raise HttpError(f"chunk size {line[:80]!r} is no number") from error
