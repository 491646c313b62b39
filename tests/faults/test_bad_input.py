"""Bad input, as a user meets it: the command line in a process of its own, a clear sentence, the right exit code."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import textwrap
from functools import partial

import pytest

SMALL_DISK_BYTES = 40_000
APP = """
import socketio
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
"""

DIES_AT_THE_FIFTIETH = """
import itertools
import os

connections = itertools.count(1)


@sio.event
async def connect(sid, environ):
    if next(connections) == 50:
        os._exit(9)
"""


def soakproof(*arguments, cwd, preexec_fn=None):
    """Run the command line, and return exit code and all that it printed; a traceback is a failure of the test."""
    done = subprocess.run(
        [sys.executable, "-m", "soakproof", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        preexec_fn=preexec_fn,
    )
    printed = done.stdout + done.stderr
    assert "Traceback" not in printed, printed
    return done.returncode, " ".join(printed.split())


def python(text):
    return [sys.executable, "-c", textwrap.dedent(text)]


def test_a_command_that_does_not_exist(tmp_path):
    """The command's name is repeated, and nothing is left behind."""
    code, printed = soakproof("run", "--", "uvicron", "app:app", "--port", "{port}", cwd=tmp_path)
    assert code == 2
    assert "uvicron: no such command" in printed
    assert not list((tmp_path / "reports" / "runs").iterdir())


def test_a_report_that_does_not_exist(tmp_path):
    """The target is not even started for reports that cannot be written."""
    code, printed = soakproof("run", "--format", "json,pdf", "--", "true", "{port}", cwd=tmp_path)
    assert code == 2
    assert "--format json,pdf: unknown pdf; need text, json, md" in printed
    assert not (tmp_path / "reports").exists()


def test_a_target_that_dies_at_start(tmp_path):
    """Its exit code and the end of its log are shown."""
    dying = python("import sys; print('no database'); sys.exit(3)  # {port}")
    code, printed = soakproof("run", "--", *dying, cwd=tmp_path)
    assert code == 4
    assert "ended by itself, with exit code 3" in printed
    assert "no database" in printed


def test_a_target_that_never_listens(tmp_path):
    """The wait is bounded, and the end of the log is shown."""
    idle = python("import time; print('warming up', flush=True); time.sleep(60)  # {port}")
    code, printed = soakproof("run", "--ready-timeout", "2", "--", *idle, cwd=tmp_path)
    assert code == 4
    assert "did not listen" in printed
    assert "within 2 s" in printed
    assert "warming up" in printed


def test_a_port_in_use(tmp_path):
    """Another server's port is never soaked by mistake."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        code, printed = soakproof("run", "--url", url, "--", *python("pass"), cwd=tmp_path)
    assert code == 4
    assert "something is listening there already" in printed


def test_a_locustfile_with_an_error(tmp_path):
    """The exception, the file and the line are named."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "users.py").write_text("import locust\n\nraise ValueError('half written')\n")
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}"]
    code, printed = soakproof("run", "-f", "users.py", "--", *command, cwd=tmp_path)
    assert code == 2
    assert "half written" in printed
    assert "users.py:3" in printed


def test_an_output_directory_that_cannot_be_written(tmp_path):
    """A file stands where the directory should be."""
    (tmp_path / "taken").write_text("")
    code, printed = soakproof("run", "--out", "taken/run", "--", *python("pass  # {port}"), cwd=tmp_path)
    assert code == 2
    assert "--out taken/run" in printed


def test_an_output_directory_that_holds_a_run(tmp_path):
    """A stored run is never overwritten."""
    (tmp_path / "run.jsonl").write_text("{}")
    code, printed = soakproof("run", "--out", ".", "--", *python("pass  # {port}"), cwd=tmp_path)
    assert code == 2
    assert "holds a run already" in printed


@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_broken_run(tmp_path, command):
    """The file and the line are named."""
    (tmp_path / "run.jsonl").write_text("{broken\n")
    code, printed = soakproof(command, "run.jsonl", cwd=tmp_path)
    assert code == 2
    assert "run.jsonl:1: not a record" in printed


def test_a_missing_run(tmp_path):
    """What is needed is said."""
    code, printed = soakproof("compare", "base", "new", cwd=tmp_path)
    assert code == 2
    assert "need a run.jsonl" in printed


def test_a_config_with_an_unknown_key(tmp_path):
    """The key is named, and the nearest one that exists."""
    (tmp_path / "soakproof.toml").write_text("clints = 5\n")
    code, printed = soakproof("run", "--", *python("pass  # {port}"), cwd=tmp_path)
    assert code == 2
    assert "unknown key 'clints'; did you mean 'clients'?" in printed


def test_a_drop_mode_that_does_not_exist(tmp_path):
    """The modes that exist are listed."""
    code, printed = soakproof("run", "--drop", "slam", "--", *python("pass  # {port}"), cwd=tmp_path)
    assert code == 2
    assert "slam" in printed
    assert "close" in printed


def test_doctor_says_what_it_found(tmp_path):
    """Every check is a line that begins with ok or LIMIT, and a limit says what it limits and the command for it."""
    done = subprocess.run(
        [sys.executable, "-m", "soakproof", "doctor"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) >= 7
    assert all(line.startswith(("ok", "LIMIT", " ")) for line in lines)


def test_a_disk_that_fills_in_the_middle(tmp_path):
    """What can be written no longer ends the run as invalid; what was written can be judged, and is not green."""
    (tmp_path / "app.py").write_text(APP)
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}"]
    small = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (SMALL_DISK_BYTES, resource.RLIM_INFINITY))
    code, printed = soakproof("run", "--clients", "20", "--out", "run", "--", *command, cwd=tmp_path, preexec_fn=small)
    assert code == 4
    assert "run.jsonl: File too large, so that samples are missing" in printed
    assert (tmp_path / "run" / "run.jsonl").stat().st_size <= SMALL_DISK_BYTES
    code, printed = soakproof("judge", "run", cwd=tmp_path)
    assert (code, "INVALID" in printed) == (4, True)


def test_a_target_killed_in_the_middle(tmp_path):
    """A target that dies under load makes the run invalid, with what was measured kept and reported."""
    (tmp_path / "app.py").write_text(APP + DIES_AT_THE_FIFTIETH)
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}"]
    code, printed = soakproof("run", "--clients", "20", "--out", "run", "--", *command, cwd=tmp_path)
    assert code == 4
    assert "ended by itself, with exit code 9" in printed
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())
    assert (verdict["verdict"], verdict["exit_code"]) == ("invalid", 4)
    assert (tmp_path / "run" / "report.html").exists()
