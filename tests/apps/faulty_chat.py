"""A chat in which something breaks when so many clients have come: ``FAULT`` says what."""

from __future__ import annotations

import itertools
import os
import socket
import sys
import threading
import time

import socketio

BREAKS_AT = 45  # in the third wave of twenty clients
MEGABYTE = 1 << 20
FAR_TOO_MUCH = 300 * MEGABYTE
FORKS_FOR_S = 5.0
FLOODS_FOR_S = 4.0
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
arrivals = itertools.count(1)
kept = []


@sio.event
async def connect(sid, environ):
    """Break when it is time."""
    if next(arrivals) == BREAKS_AT:
        FAULTS[os.environ["FAULT"]]()
    elif os.environ["FAULT"] == "hoard":
        kept.append(bytearray(4 * MEGABYTE))


@sio.event
async def tell(sid, message):
    """Answer."""
    return True


def close_all():
    """Close whatever is open, as programs do that turn into daemons."""
    os.closerange(3, 4096)


def close_agent():
    """Close the agent's sockets, and nothing else."""
    for fd in range(3, 4096):
        try:
            known = socket.socket(fileno=os.dup(fd))
        except OSError:
            continue
        with known:
            if known.family == socket.AF_UNIX and str(known.getsockname()).endswith(".sock"):
                os.close(fd)


def fork_on():
    """Fork children that end at once, over and over, for some seconds."""

    def fork():
        ends_s = time.monotonic() + FORKS_FOR_S
        while time.monotonic() < ends_s:
            pid = os.fork()
            if not pid:
                os._exit(0)
            os.waitpid(pid, 0)

    threading.Thread(target=fork, daemon=True).start()


def flood():
    """Print a hundred megabytes a second for some seconds, in lines, of which the last has no end."""

    def printing():
        ends_s = time.monotonic() + FLOODS_FOR_S
        line = b"no such user, token=zanzibar, again: " + b"x" * (MEGABYTE - 38) + b"\n"
        while time.monotonic() < ends_s:
            began_s = time.monotonic()
            for _ in range(10):
                os.write(1, line)
            time.sleep(max(0.0, began_s + 0.1 - time.monotonic()))
        os.write(1, b"y" * MEGABYTE)

    threading.Thread(target=printing, daemon=True).start()


def answer_by(answer):
    """Have the agent answer like this from now on."""

    def change():
        service = sys.modules["_soakproof_agent"]._agent
        service._answer = answer

    return change


def break_off(_line):
    """Answer half of it, and close the connection."""
    for connection in list(sys.modules["_soakproof_agent"]._agent._connections.values()):
        os.write(connection.socket.fileno(), b'{"ok": true, "metr')
        connection.socket.shutdown(socket.SHUT_RDWR)
    return b""


FAULTS = {
    "exit 0": lambda: os._exit(0),
    "block": lambda: time.sleep(20),
    "close all": close_all,
    "close agent": close_agent,
    "fork": fork_on,
    "flood": flood,
    "garbage": answer_by(lambda _line: b"\x1b]0;owned\x07 HTTP/1.1 400 Bad Request\n"),
    "half": answer_by(break_off),
    "too much": answer_by(lambda _line: b"1" * FAR_TOO_MUCH + b"\n"),
    "hoard": lambda: None,
    "nothing": lambda: None,
}
