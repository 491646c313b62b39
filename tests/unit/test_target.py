"""The target's process tree: started, found out about, ended whole."""

from __future__ import annotations

import subprocess
import sys

import psutil

from soakproof.target.started import describe_exit, find_free_port, is_listening, poll_until, stop_tree

STUBBORN = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_free_port_is_free():
    """Nothing listens on the port that is handed to the target."""
    assert not is_listening(f"http://127.0.0.1:{find_free_port()}")


def test_the_whole_tree_is_ended():
    """A child that the target started does not outlive it."""
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True)
    child = psutil.Process(int(process.stdout.readline()))
    stop_tree(process)
    process.stdout.close()
    assert process.returncode == -15
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_an_exit_code_is_said_in_words():
    """A signal has its name."""
    assert (describe_exit(3), describe_exit(-9)) == ("with exit code 3", "killed by SIGKILL")


def test_polling_tries_at_least_once():
    """A wait of no time still looks once."""
    assert len(list(poll_until(0))) == 1
