"""Whatever a target does with its process, signals, stacks, forks, interpreters, hooks: the agent does it no harm."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path

import pytest

from soakproof.agent.census.census import Pause
from soakproof.agent.origin import sourcefiles, sourcelines
from soakproof.agent.transport import service
from tests.unit.agent.agent_target import Target, running, wait_for

SMALLEST_STACK = 32_768 if sys.version_info < (3, 14) else 53_248  # bytes that Python gives a thread


def started(target: Target) -> None:
    """Wait until a program says that it is ready."""
    assert target.process.stdout
    assert target.process.stdout.readline() == "ready\n"


def program(text: str) -> list[str]:
    """Return the command of a program."""
    return [sys.executable, "-c", textwrap.dedent(text)]


def test_a_signal_that_the_target_waits_for_reaches_it(short_path: Path) -> None:
    """A target that blocks a signal and takes it by sigwait does so still: the agent's thread blocks it too."""
    waiting = """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        print("ready", flush=True)
        input()
        print(signal.sigwait({signal.SIGUSR1}).name, flush=True)
        input()
    """
    with running(program(waiting), short_path) as target:
        started(target)
        target.agent().ask("hello")
        os.kill(target.process.pid, signal.SIGUSR1)
        assert target.tell("x") == "SIGUSR1"
        assert target.agent().ask("hello")["pid"] == target.process.pid


def test_a_target_with_small_stacks_lives_through_a_census_after_a_fork(short_path: Path) -> None:
    """The agent's thread starts anew after a fork, with a stack of its own size and not of the target's threads."""
    small = f"""
        import os, threading, sys
        threading.stack_size({SMALLEST_STACK})
        child = os.fork()
        child or os._exit(0)
        os.waitpid(child, 0)
        print("ready", flush=True)
        for line in sys.stdin:
            print(threading.stack_size(), flush=True)
    """
    with running(program(small), short_path) as target:
        started(target)
        agent = target.agent()
        agent.census(discover=True)
        agent.ask("explain", subjects=[["thread:total", None], ["task:total", None]])
        assert "not a request" in agent.send(b"[" * 5000)["error"]  # a parser of C calls itself for each
        assert target.tell("x") == str(SMALLEST_STACK)


def test_an_interpreter_within_the_process_ends_as_it_would(short_path: Path) -> None:
    """No thread of the agent's is in it, which its end would take for a fatal error; the process' own agent answers."""
    name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    pytest.importorskip(name)
    within = f"""
        import sys
        import {name} as interpreters
        for _ in range(3):
            interpreters.destroy(interpreters.create())
        print("ready", flush=True)
        input()
    """
    with running(program(within), short_path) as target:
        started(target)
        assert target.agent().ask("hello")["pid"] == target.process.pid
        assert target.agent().census()["metrics"]["thread:total"] == 1


def test_a_target_that_ends_during_a_census_ends_as_it_would(short_path: Path) -> None:
    """Its exit code is its own, and nothing is printed, at whatever moment of a census it comes to its end."""
    ending = "import sys, time; print('ready', flush=True); time.sleep(float(sys.stdin.readline())); sys.exit(7)"
    for number in range(8):
        directory = short_path / str(number)
        with running([sys.executable, "-c", ending], directory) as target:
            started(target)
            agent = target.agent()
            agent.ask("hello")
            assert target.process.stdin
            target.process.stdin.write(f"{number * 0.02}\n")
            target.process.stdin.flush()
            try:
                while target.process.poll() is None:
                    agent.ask("census", collect=True)
            except (OSError, json.JSONDecodeError):
                pass
            _, errors = target.process.communicate(timeout=30)
            assert (target.process.returncode, errors) == (7, "")


def test_an_audit_hook_that_forbids_all_costs_answers_and_nothing_else(short_path: Path) -> None:
    """A target may forbid looking at the heap: then the agent says that it failed, and the target goes on."""
    forbidding = """
        import sys, threading
        def forbid(event, arguments):
            if threading.current_thread() is not threading.main_thread() and event.startswith(("gc.", "sys._current")):
                raise RuntimeError("forbidden: " + event)
        sys.addaudithook(forbid)
        print("ready", flush=True)
        for line in sys.stdin:
            print("done", flush=True)
    """
    with running(program(forbidding), short_path) as target:
        started(target)
        answer = target.agent().send(b'{"op": "census", "collect": true}')
        assert "forbidden: gc." in answer["error"]
        assert target.tell("x") == "done"
        assert target.agent().ask("counters")["metrics"]["thread:total"] == 1


def test_reading_sources_warns_of_nothing(short_path: Path) -> None:
    """An escape sequence that means nothing is not warned of on the target's stderr, nor raised as an error."""
    source = short_path / "app.py"
    source.write_text('PATTERN = "\\d \\\\ \\" \\\n"\ndef outer():\n    def inner():\n        return "\\w"\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = sourcefiles.parse(str(source))
        assert tree is not None
        assert sourcelines.function_at(str(source), 5) == "outer.<locals>.inner"
        assert sourcelines.describe_line((str(source), 5))["source"] == 'return "\\w"'


def test_a_file_name_that_is_none_is_not_read(short_path: Path) -> None:
    """Code may be said to come from a pipe or a device: reading it would take what is the target's, or never end."""
    pipe = short_path / "pipe"
    os.mkfifo(pipe)
    for name in (str(pipe), "/dev/zero", "/dev/stdin", str(short_path), "\0", "<string>", ""):
        assert sourcefiles.parse(name) is None
        assert sourcefiles.line(name, 1) == ""


def test_a_pause_that_a_fork_cuts_short_ends_in_the_child() -> None:
    """A child that is forked while the agent holds the world still collects garbage, and switches threads."""
    before = (gc.isenabled(), sys.getswitchinterval())
    pause = Pause()
    pause.__enter__()
    child = os.fork()
    if not child:
        Pause.end_in_child()
        os._exit(0 if (gc.isenabled(), sys.getswitchinterval()) == before else 1)
    pause.__exit__()
    assert os.waitpid(child, 0)[1] == 0


def test_an_agent_that_was_busy_around_a_fork_answers_after_it(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork waits for a long answer only so long; the thread that gives it goes on afterwards, for good."""
    monkeypatch.setattr(service, "FORK_PATIENCE_S", 0.05)
    may_answer = threading.Event()

    def answer(line: bytes) -> bytes:
        if line == b"slow":
            may_answer.wait(30)
        return line + b"!\n"

    agent = service.Service(str(short_path), answer, lambda: None)
    agent.start()
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(10)
            asking.connect(agent.path)
            asking.sendall(b"slow\n")
            wait_for(lambda: agent.thread_ident, "the thread")
            time.sleep(0.1)
            agent.before_fork()
            agent.after_fork_in_parent()
            may_answer.set()
            assert asking.recv(100) == b"slow!\n"
            for _ in range(3):
                asking.sendall(b"next\n")
                assert asking.recv(100) == b"next!\n"
            agent.end_soon()
            with suppress(OSError):  # it may close before this is read
                asking.sendall(b"last\n")
                asking.recv(100)
    finally:
        may_answer.set()


def test_a_python_without_its_gil_is_refused(short_path: Path) -> None:
    """Where threads run at once nothing can be read safely: the agent does not start, and leaves word why."""
    bootstrap = Path(service.__file__).parents[1] / "bootstrap" / "sitecustomize.py"
    pretending = (
        "import sys, os; sys._is_gil_enabled = lambda: False; "
        f"exec(compile(open({str(bootstrap)!r}).read(), {str(bootstrap)!r}, 'exec'), "
        f"{{'__name__': 'sitecustomize', '__file__': {str(bootstrap)!r}}})"
    )
    environment = {**os.environ, "SOAKPROOF_AGENT_DIR": str(short_path)}
    subprocess.run([sys.executable, "-c", pretending], env=environment, check=True, timeout=60)
    [word] = short_path.glob("*.failed")
    assert "without its GIL" in word.read_text()
