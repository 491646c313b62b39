"""One tool beside one leaky server: the same load for all, two readings at rest, what it said and what it cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.peers.cases import Case
from benchmarks.peers.tools import TOOLS
from soakproof.load.orders import Load, Order
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.target.started import find_free_port, is_listening, stop_tree

INSIDE = Path(__file__).parent / "inside"
PACKAGES = Path(__file__).parent / ".packages"  # git ignores it
WARMUP_CLIENTS, CLIENTS, WAVES = 100, 100, 5
AT_REST_S = 31.0  # Engine.IO's ping task of a client that has left ends with its interval of 25 s
READY_S = 60.0
LONGEST_S = 300.0


class Tooled:
    """A server with a tool in it: it begins, and reports."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(LONGEST_S)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rw")

    def order(self, order: str) -> dict[str, Any]:
        """Have the tool do something, and return its answer."""
        self._stream.write(f"{order}\n")
        self._stream.flush()
        answer: dict[str, Any] = json.loads(self._stream.readline())
        return answer

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()


def run(case: Case, tool: str) -> dict[str, Any]:
    """Return what a tool said of a leak after the load, in what time, and the server's CPU seconds under the load."""
    with tempfile.TemporaryDirectory() as scratch, serving(case, tool, Path(scratch)) as (process, url, tooled):
        load = LocustLoad(url, Path(scratch) / "locust.log")
        (Path(scratch) / "locust.log").touch()
        load.start()
        try:
            send_wave(load, 1, WARMUP_CLIENTS)
            time.sleep(AT_REST_S)
            begun = tooled.order("begin")
            before_s = sum(process.cpu_times()[:2])
            opened = sum(send_wave(load, 2 + wave, CLIENTS) for wave in range(WAVES))
            used_s = sum(process.cpu_times()[:2]) - before_s
            time.sleep(AT_REST_S)
            told = tooled.order("report")
        finally:
            load.stop()
    return {
        "connections": opened,
        "cpu_ms_per_connection": round(1000 * used_s / opened, 3),
        "seconds": round(begun["seconds"] + told["seconds"], 3),
        "lines": told["lines"],
        "error": told.get("error") or begun.get("error"),
    }


def send_wave(load: Load, index: int, clients: int) -> int:
    """Have so many clients come and go; return how many got in."""
    load.begin(Order(index=index, phase="wave", clients=clients, drops={"close": 1.0}))
    while not load.progress().is_done:
        time.sleep(0.1)
    return load.tally().opened


@contextmanager
def serving(case: Case, tool: str, scratch: Path) -> Iterator[tuple[psutil.Process, str, Tooled]]:
    """Start the server with the tool in it; give its process, its URL and the tool."""
    port = find_free_port()
    path = os.pathsep.join([str(INSIDE), str(Path.cwd()), str(packages_of(tool))])
    variables = {**os.environ, "PYTHONPATH": path, "PEERS_TOOL": tool, "PEERS_SOCKET": str(scratch / "peer.sock")}
    command = [word.replace("{port}", str(port)) for word in case.command]
    with (scratch / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=variables, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_serving(server, url, scratch)
        with closing(Tooled(scratch / "peer.sock")) as tooled:
            yield psutil.Process(server.pid), url, tooled
    finally:
        stop_tree(server, [], 5.0)


def wait_until_serving(server: subprocess.Popen[bytes], url: str, scratch: Path) -> None:
    """Return when it listens.

    Raises:
        RuntimeError: it ended, or took too long.
    """
    deadline_s = time.monotonic() + READY_S
    while not (is_listening(url) and (scratch / "peer.sock").exists()):
        if time.monotonic() > deadline_s or server.poll() is not None:
            raise RuntimeError(f"the server did not listen: {(scratch / 'server.log').read_text()[-2000:]}")
        time.sleep(0.1)


def packages_of(tool: str) -> Path:
    """Return the folder of a tool's packages, installed once beside the server's own, which come first."""
    folder = PACKAGES / tool
    if TOOLS[tool].packages and not folder.exists():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--target",
            str(folder),
        ]
        subprocess.run([*pip, *TOOLS[tool].packages], check=True)  # noqa: S603
    return folder
