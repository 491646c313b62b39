"""Where a server's Engine.IO endpoint is, when it is not where the clients looked for it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

# The libraries' default, and where applications and frameworks put it.
USUAL_PATHS = (
    "/socket.io",
    "/ws/socket.io",
    "/api/socket.io",
    "/_event",
    "/_nicegui_ws/socket.io",
    "/engine.io",
    "/ws",
)
TIMEOUT_S = 2.0
OPEN_PACKET = b'0{"sid"'


def find_endpoints(url: str, paths: Iterable[str] = USUAL_PATHS) -> list[str]:
    """Return the paths at which the server answers an Engine.IO handshake by polling (Engine.IO protocol 4, Handshake).

    Each that does is left with a session that ends by its ping timeout.
    """
    return [path for path in paths if answers(url, path)]


def answers(url: str, path: str) -> bool:
    """Tell whether an Engine.IO server opens a session at a path."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    if parts.scheme == "https":
        context = ssl._create_unverified_context()  # noqa: S323, SLF001  # it is only asked whether it is there
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=TIMEOUT_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)
    hanging_up = threading.Timer(TIMEOUT_S, hang_up, [connection])
    try:
        connection.connect()
        hanging_up.start()
        connection.request("GET", f"{path.rstrip('/')}/?EIO=4&transport=polling")
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK and answer.read(len(OPEN_PACKET)) == OPEN_PACKET
    except (OSError, http.client.HTTPException):
        return False
    finally:
        hanging_up.cancel()
        connection.close()


def hang_up(connection: http.client.HTTPConnection) -> None:
    """End the wait for an answer: one that comes byte by byte is never late for any of them."""
    with suppress(OSError, AttributeError):  # it has ended meanwhile
        connection.sock.shutdown(socket.SHUT_RDWR)
