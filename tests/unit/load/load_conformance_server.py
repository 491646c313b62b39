"""The conformance servers in processes of their own: python-socketio's in each of its modes, and Node's."""

import contextlib
import functools
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import need

HERE = Path(__file__).parent
NODE_PACKAGES = ("socket.io@4", "socket.io-msgpack-parser@3")
INSTALL_TIMEOUT_S = 90


@functools.cache
def install_node_packages(directory):
    """Have npm install the server; skip the test, with the reason, where there is no npm or nothing to install from."""
    for program in ("node", "npm"):
        need(program)
    directory.mkdir()
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", *NODE_PACKAGES]
    done = subprocess.run(
        command, cwd=directory, check=False, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
    )
    if done.returncode:
        pytest.skip(f"npm could not install {' and '.join(NODE_PACKAGES)}: {done.stderr.strip()[-200:]}")
    return directory


def command_of(mode, serializer, fd, directory):
    """Return the command that serves, and what its environment needs besides."""
    if mode != "node":
        return [sys.executable, str(HERE / "load_conformance_app.py"), mode, fd, serializer], {}
    modules = install_node_packages(directory) / "node_modules"
    return ["node", str(HERE / "load_conformance_app.cjs"), fd, serializer], {"NODE_PATH": str(modules)}


@contextlib.contextmanager
def serve_conformance(mode, serializer, directory):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command, needed = command_of(mode, serializer, str(listener.fileno()), directory)
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], env={**os.environ, **needed})
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
