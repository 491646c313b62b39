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
from soakproof.commands.run import run as run_command
from soakproof.config import Config, build_config
from soakproof.config.presets import apply_preset, choose_preset
from soakproof.load.orders import Load
from soakproof.measure.ordering import Orders
from soakproof.run.assembly import make_load
from soakproof.target.started import find_free_port, is_listening, stop_tree
from tests.corpus.soaking import services

INSIDE = Path(__file__).parent / "inside"
PACKAGES = Path(__file__).parent / ".packages"  # git ignores it
CLIENTS, WAVES = 100, 5
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
        config = read_options(case)
        load, orders = make_load(config, url, Path(scratch)), Orders(config)
        load.start()
        try:
            send_wave(load, orders)
            time.sleep(AT_REST_S)
            begun = tooled.order("begin")
            before_s = sum(process.cpu_times()[:2])
            opened = sum(send_wave(load, orders) for _ in range(WAVES))
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


def read_options(case: Case) -> Config:
    """Return what the options of a case's clients mean, with its preset's."""
    words = ["--clients", str(CLIENTS), *case.options, "--", *case.command]
    given = run_command.make_context("run", words).params
    del given["config"]
    options = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    config = build_config(options, directory=case.directory)
    preset = choose_preset(config, ())
    return apply_preset(config, preset) if preset else config


def send_wave(load: Load, orders: Orders) -> int:
    """Have so many clients come and go; return how many got in, or of clients that stay how many events they sent."""
    load.begin(orders.wave("wave"))
    while not load.progress().is_done:
        time.sleep(0.1)
    return load.tally().opened or load.progress().events


@contextmanager
def serving(case: Case, tool: str, scratch: Path) -> Iterator[tuple[psutil.Process, str, Tooled]]:
    """Start the server with the tool in it; give its process, its URL and the tool."""
    port = find_free_port()
    places = [str(INSIDE), *([] if case.is_real else [str(Path.cwd())]), str(packages_of(tool))]
    tells = {"PYTHONPATH": os.pathsep.join(places), "PEERS_TOOL": tool, "PEERS_SOCKET": str(scratch / "peer.sock")}
    command = [word.replace("{port}", str(port)) for word in case.command]
    with services(case.needs) as beside, (scratch / "server.log").open("w") as log:
        variables = {**os.environ, **beside, **tells}
        server = subprocess.Popen(  # noqa: S603
            command, env=variables, cwd=case.directory, stdout=log, stderr=log, start_new_session=True
        )
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
