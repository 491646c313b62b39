"""A server that nobody prepared is given by its pid, judged, and left as it was."""

from __future__ import annotations

import gc
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import socketio

from benchmarks.soaking import SHORT, Soaked, soak, soakproof
from soakproof.target.started import find_free_port, is_listening, poll_until
from tests.matrix.interpreters import bin_of
from tests.programs import need, need_calling_gdb

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(500),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

APPS = Path(__file__).resolve().parents[1] / "apps"
CONTAINER = ("--pid", "--mount", "--fork", "--kill-child", "--mount-proc", "sh", "-c")
ROOT = shlex.quote(str(APPS.parents[1]))
KEPT = f"mount --bind {ROOT} /mnt", "mount -t tmpfs none /tmp", f"mkdir -p {ROOT}", f"mount --bind /mnt {ROOT}"
ALONE = " && ".join([*KEPT, 'exec "$0" "$@"'])  # the checkout may be below /tmp
FILLING_LINE = (APPS / "unprepared_app.py").read_text().splitlines().index("    SEEN[sid] = True") + 1
LONGEST_S = 120

Start = Callable[..., tuple[int, str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts a plain uvicorn and returns the pid of its process and its URL."""
    started = []

    def begin(directory: Path, *prefix: str) -> tuple[int, str]:
        port = find_free_port()
        uvicorn = ["-m", "uvicorn", "unprepared_app:app", "--port", str(port), "--log-level", "warning"]
        server = subprocess.Popen([*prefix, str(directory / "python"), *uvicorn], cwd=APPS)
        started.append(server)
        url = f"http://127.0.0.1:{port}"
        assert any(is_listening(url) for _ in poll_until(60))
        (pid,) = [child.pid for child in psutil.Process(server.pid).children()] if prefix else [server.pid]
        return pid, url

    yield begin
    for server in started:
        server.kill()
        server.wait()


def python_3_11() -> Path:
    """Return the directory of a Python 3.11 with what the server needs."""
    return bin_of("" if sys.version_info[:2] == (3, 11) else "3.11")


def attach(pid: int, out: Path, *options: object) -> Soaked:
    """Soak a process by its pid alone, and see that its leak is named, in time."""
    done = soak(out, ["--attach", pid, "--ping", "1", *SHORT, *options], [], longest_s=300)
    assert (done.exit_code, done.verdict.get("verdict")) == (1, "leak"), done.printed
    culprit = done.verdict["findings"][0]["culprit"]
    assert culprit["owner"] == "unprepared_app:SEEN"
    assert culprit["sites"][0]["line"] == FILLING_LINE
    return done


def check_left(user: socketio.SimpleClient, before: dict[str, Any]) -> None:
    """See that the process is the same and as it was, once the tasks of the clients that left have ended."""
    for _ in poll_until(60):
        now = user.call("look", timeout=10)
        if now == before:
            break
    assert now == before


def see_it_come_and_go(pid: int, url: str, out: Path, *options: object) -> Soaked:
    """Attach to a server that has users, and see that it serves them afterwards as before.

    One of them connects anew: the library's sweep, which has the ping's time-out, ends with the ping's change and
    begins again with the next connection.
    """
    with socketio.SimpleClient() as user:
        user.connect(url, transports=["websocket"])
        with socketio.SimpleClient() as other:
            other.connect(url, transports=["websocket"])
            before = user.call("look", timeout=10)
            done = attach(pid, out, *options)
        with socketio.SimpleClient() as other:
            other.connect(url, transports=["websocket"])
            check_left(user, before)
    gc.collect()  # the client's socket, which its library leaves to the collector
    return done


def test_a_server_given_by_its_pid_is_judged_and_left_as_it_was(start: Start, tmp_path: Path) -> None:
    """Container and line are named in time, nothing stays in the process, and a second run says the same."""
    pid, url = start(bin_of("3.14"))
    done = see_it_come_and_go(pid, url, tmp_path / "first")
    assert done.seconds < LONGEST_S
    assert done.verdict["target"]["pids"] == [pid]
    attach(pid, tmp_path / "second")
    compared = soakproof("compare", tmp_path / "first", tmp_path / "second")
    assert compared.exit_code == 0, compared.printed


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_server_in_a_container_is_judged_and_left_as_it_was(start: Start, tmp_path: Path) -> None:
    """In a pid and a mount namespace of its own, with another /tmp."""
    unshare = need("unshare")
    if subprocess.run([unshare, *CONTAINER[:-2], "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no pid namespaces")
    pid, url = start(bin_of("3.14"), unshare, *CONTAINER, ALONE)
    see_it_come_and_go(pid, url, tmp_path / "out")


def test_a_server_on_an_older_python_is_reached_by_a_debugger(start: Start, tmp_path: Path) -> None:
    """Where there is no remote execution, and only when asked for."""
    need_calling_gdb()
    pid, url = start(python_3_11())
    refused = soakproof("run", "--attach", pid, "--url", url, "--out", tmp_path / "refused")
    assert refused.exit_code == 2
    assert "need --attach-with gdb (gdb stops the process" in refused.printed
    see_it_come_and_go(pid, url, tmp_path / "out", "--attach-with", "gdb")
