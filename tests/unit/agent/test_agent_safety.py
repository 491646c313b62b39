"""The agent neither harms the process it lives in nor answers whom it must not."""

from __future__ import annotations

import json
import os
import random
import socket
import string
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from soakproof.agent.transport import dispatch
from tests.unit.agent.agent_target import Agent, ready, running, wait_for

NOBODY = 65534
OPS = [name.removeprefix("op_") for name in vars(dispatch.Dispatcher) if name.startswith("op_")]


@pytest.mark.parametrize("requests", [1000, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(300)])])
def test_broken_requests_leave_it_answering(short_path: Path, requests: int) -> None:
    """Whatever is sent, an answer comes that says what is wrong, and the target goes on with its own work meanwhile."""
    dice = random.Random(7)
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        for number in range(requests):
            answer = agent.send(broken_request(dice))
            assert answer["ok"] or answer["error"]
            if number % 250 == 0:
                assert target.tell("1") == "done"
        assert agent.ask("hello")["pid"] == target.process.pid
        assert target.tell("1") == "done"
        target.process.terminate()
        assert target.process.stderr
        assert "Traceback" not in target.process.stderr.read()


def broken_request(dice: random.Random) -> bytes:
    """Return a line that is no request, or a request with nonsense in its fields; never one that stops the agent."""
    text = "".join(dice.choices(string.printable.replace("\n", "").replace("\r", ""), k=dice.randrange(60)))
    values = [None, -1, 1e308, True, text, [text], {"a": text}, [[[]]], 2**70, ["__main__:" + text, "a:b", ":", ""]]
    ops = [name for name in OPS if name not in ("stop", "census", "trace_start")]
    request: dict[str, Any] = {"op": dice.choice(ops)}
    for field in ("owners", "owner", "metric", "interval_s", "timeout_s", "frames", "top", "collect"):
        request[field] = dice.choice(values)
    lines = [text.encode(), json.dumps(request).encode(), json.dumps(request).encode()[: dice.randrange(40)]]
    lines += [b"[" * 5000, b"\xff\xfe" + text.encode(), b"null", b"{}", b'{"op": "' + text.encode("utf-16") + b'"}']
    return dice.choice(lines).replace(b"\n", b" ")


def test_unknown_and_misshapen_requests_are_told_what_is_needed(short_path: Path) -> None:
    """An unknown op and fields of the wrong type get a sentence that names them."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        assert "unknown op 'eval'" in agent.send(b'{"op": "eval"}')["error"]
        assert "owners: got 3; need a list of strings" in agent.send(b'{"op": "watch", "owners": 3}')["error"]
        assert "interval_s: got -1; need seconds" in agent.send(b'{"op": "ping", "interval_s": -1}')["error"]


def test_an_endless_request_ends_its_connection_alone(short_path: Path) -> None:
    """A request that grows past its limit is refused and its connection closed; others are served on."""
    with ready("agent_shelf.py", short_path) as target:
        agent, other = target.agent(), Agent(short_path / f"{target.process.pid}.sock")
        other.socket.sendall(b"x" * 100_000)
        assert b"65536" in other.socket.recv(1000)
        assert agent.ask("hello")["ok"]
        other.close()


def test_one_who_does_not_read_holds_nobody_up_for_good(short_path: Path) -> None:
    """A client that asks for much and reads nothing is dropped, and the next one is served."""
    with ready("agent_shelf.py", short_path) as target:
        deaf = Agent(short_path / f"{target.process.pid}.sock")
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        deaf.socket.settimeout(0.2)
        with pytest.raises(OSError, match="timed out"):
            deaf.socket.sendall(b'{"op": "hello"}\n' * 1_000_000)
        agent = target.agent()
        started_s = time.monotonic()
        assert agent.ask("hello")["ok"]
        assert time.monotonic() - started_s < 15
        deaf.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_does_not_reach_it(short_path: Path) -> None:
    """As it stands a process of another user cannot even enter the directory."""
    with ready("agent_shelf.py", short_path) as target:
        assert "PermissionError" in ask_as_nobody(target.agent().path).stderr
        assert target.agent().ask("hello")["ok"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_refused(short_path: Path) -> None:
    """A process of another user gets no answer, even where it can reach the socket."""
    with ready("agent_shelf.py", short_path) as target:
        path = target.agent().path
        short_path.chmod(0o755)
        path.chmod(0o666)
        asking = ask_as_nobody(path)
        assert asking.stdout.strip() in ("b''", "")
        assert not asking.stdout.strip() or asking.returncode == 0
        assert target.agent().ask("hello")["ok"]


def ask_as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    """Say hello to an agent as another user."""
    program = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
        's.sendall(b\'{"op": "hello"}\\n\'); print(s.recv(100))'
    )
    command = ["/usr/bin/python3", "-I", "-c", program, str(path)]
    return subprocess.run(command, capture_output=True, text=True, user=NOBODY, check=False, timeout=20)


def test_a_flood_of_connections_shuts_nobody_out_for_good(short_path: Path) -> None:
    """A hundred who connect, say half a request and stay are turned away or dropped, and the next one is served."""
    with ready("agent_shelf.py", short_path) as target:
        path = target.agent().path
        flood = []
        for _ in range(100):
            flood.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
            if flood[-1].connect_ex(str(path)) == 0:
                with suppress(OSError):
                    flood[-1].send(b'{"op":')
        assert target.agent().ask("hello")["ok"]

        def is_served() -> bool:
            with socket.socket(socket.AF_UNIX) as late, suppress(OSError):
                late.settimeout(5)
                late.connect(str(path))
                late.sendall(b'{"op": "hello"}\n')
                return late.recv(10) != b""
            return False

        wait_for(is_served, "one who comes late to be served")
        for each in flood:
            each.close()


def test_it_can_be_ended(short_path: Path) -> None:
    """After `stop` is answered the socket is gone, and the target goes on."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        agent.ask("stop")
        assert agent.socket.recv(1) == b""
        wait_for(lambda: not agent.path.exists(), "the socket to go")
        assert target.tell("1") == "done"


def test_looking_runs_no_code_of_the_target(short_path: Path) -> None:
    """An object that ends the program when it is asked for anything survives a census and an explanation."""
    with ready("agent_shelf.py", short_path) as target:
        agent = target.agent()
        target.tell("1")
        agent.census(discover=True)
        agent.explain("type:__main__.Proxy", None)
        agent.explain("registry:__main__.PROXIES", "__main__:PROXIES")
        assert target.tell("1") == "done"


def test_an_idle_agent_costs_nothing(short_path: Path) -> None:
    """A program with the agent that sleeps uses no processor time to speak of while nobody asks."""
    with running([sys.executable, "-c", "input()"], short_path) as target:
        target.agent().ask("hello")
        tasks = Path(f"/proc/{target.process.pid}/task")

        def used_ns() -> int:
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

        before_ns = used_ns()
        time.sleep(1.0)
        assert used_ns() - before_ns < 2_000_000
