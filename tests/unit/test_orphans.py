"""What a killed harness has started ends by itself; what it has not started, or has let go of, does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from soakproof.orphans.guard import orphans_ended
from soakproof.orphans.watchdog import MARK, agent_of, find_orphans, list_directories

HARNESS = """
import subprocess, sys, time
from soakproof.orphans.guard import orphans_ended
with orphans_ended():
    command = ["sh", "-c", sys.argv[1]]
    print(subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(60)
"""


IN_ONE_SESSION = """
import subprocess, time
from soakproof.orphans.guard import orphans_ended
neighbour = subprocess.Popen(["sleep", "62"], stdout=subprocess.DEVNULL)
with orphans_ended():
    print(neighbour.pid, subprocess.Popen(["sleep", "61"], stdout=subprocess.DEVNULL).pid, flush=True)
    time.sleep(60)
"""


def is_there(pid):
    """Whether a process lives; one that is dead and unburied does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(*pids):
    deadline_s = time.monotonic() + 5
    while any(map(is_there, pids)):
        assert time.monotonic() < deadline_s, pids
        time.sleep(0.02)


def children_of(pid):
    return [child.pid for child in psutil.Process(pid).children()]


@pytest.mark.parametrize("line", ["sleep 61; true", "setsid sleep 61; true", "env -i sleep 61; true"])
def test_what_a_killed_harness_has_started_ends(line):
    """Its child and that one's, in another session or without an environment; the session of the harness is spared."""
    with subprocess.Popen(["sleep", "62"]) as neighbour:  # in the session of the harness, and none of its children
        with subprocess.Popen([sys.executable, "-c", HARNESS, line], stdout=subprocess.PIPE, text=True) as harness:
            child = int(harness.stdout.readline())
            while not (grandchildren := children_of(child)):
                time.sleep(0.02)
            harness.kill()
            harness.wait()
            wait_until_gone(child, *grandchildren)
        assert neighbour.poll() is None
        neighbour.kill()


def test_the_session_of_the_harness_is_its_users():
    """Of a child that has no session of its own, only itself ends: the shell and all that it runs share the session."""
    command = [sys.executable, "-c", IN_ONE_SESSION]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as harness:
        neighbour, child = map(int, harness.stdout.readline().split())
        harness.kill()
        harness.wait()
        wait_until_gone(child)
        assert is_there(neighbour)
        os.kill(neighbour, signal.SIGKILL)


def test_one_that_was_stopped_ends_too():
    """A stopped process hears no SIGTERM until it is continued."""
    with subprocess.Popen([sys.executable, "-c", HARNESS, "exec sleep 61"], stdout=subprocess.PIPE) as harness:
        child = int(harness.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        harness.kill()
        wait_until_gone(child)


def test_a_block_that_is_left_ends_nothing():
    """The watchdog is gone, and what was started under it is not: ending that is the harness's own business."""
    others = set(children_of(os.getpid()))  # of other tests
    with orphans_ended():
        started = subprocess.Popen(["sleep", "61"], start_new_session=True)
        [watchdog] = {*children_of(os.getpid())} - others - {started.pid}
    assert MARK not in os.environ
    assert not is_there(watchdog)
    assert is_there(started.pid)
    started.kill()
    started.wait()


def test_the_environment_is_put_back():
    """A run within a run: the outer one's mark is in force again afterwards."""
    with orphans_ended():
        outer = os.environ[MARK]
        with orphans_ended():
            assert os.environ[MARK] != outer
        assert os.environ[MARK] == outer


def test_directories_of_others_are_left_alone(tmp_path):
    """A link, and a file, of the name that a directory of agents would have, are not followed."""
    (tmp_path / "soakproof-7-own").mkdir()
    (tmp_path / "soakproof-7-link").symlink_to(tmp_path)
    (tmp_path / "soakproof-7-file").write_text("")
    assert list_directories(str(tmp_path / "soakproof-7-")) == [tmp_path / "soakproof-7-own"]


def test_a_socket_that_nobody_holds_names_nobody(tmp_path):
    """A file in place of a socket, left behind by a process that has ended, ends nobody."""
    (tmp_path / "soakproof-7-own").mkdir()
    left = tmp_path / "soakproof-7-own" / "1.sock"
    left.write_text("")
    assert agent_of(left) is None
    assert find_orphans(b"no mark of anybody", str(tmp_path / "soakproof-7-"), set()) == set()
