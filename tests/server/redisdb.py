"""A real Redis for the tests: Debian's redis-server, on a free port, keeping nothing."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager

from tests.programs import need
from tests.server.running import wait_until


@contextmanager
def running_redis():
    """Start a redis-server; yield its URL; end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [need("redis-server"), "--port", str(port), "--save", "", "--bind", "127.0.0.1", "--daemonize", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port))
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
