"""A harness that has gone leaves nothing behind in the target, and an idle agent does nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.unit.agent.agent_target import Agent, Target, free_port, ready, running, wait_for

UVICORN = [sys.executable, "-m", "uvicorn", "--log-level", "warning", "agent_asgi:app", "--port"]
IDLE_MODULES = 6  # the package, its transport with launch, service and its descriptors, and the primitives
DEMANDS = """
import json, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect(sys.argv[1])
stream = link.makefile("rwb")
for request in ({"op": "ping", "interval_s": 1, "timeout_s": 2}, {"op": "watch", "owners": ["agent_asgi:SEEN"]},
                {"op": "trace_start"}):
    stream.write(json.dumps(request).encode() + b"\\n")
    stream.flush()
    assert json.loads(stream.readline())["ok"]
print("asked", flush=True)
input()
"""


def demand(agent: Agent) -> subprocess.Popen[str]:
    """Start a harness that has shortened the ping, watches a container and traces."""
    command = [sys.executable, "-c", DEMANDS, str(agent.path)]
    harness = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert harness.stdout
    assert harness.stdout.readline() == "asked\n"
    return harness


def own_ping(path: Path) -> bool:
    """Whether the target has its own ping again, asked over a connection of its own."""
    agent = Agent(path)
    engine = agent.ask("hello")["engines"][0]
    agent.close()
    return (engine["ping_interval_s"], engine["ping_timeout_s"]) == (25, 20)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_harness_that_goes_leaves_the_target_as_it_was(short_path: Path, how: signal.Signals) -> None:
    """The ping is restored, nothing is watched or traced: also after a crash."""
    with running([*UVICORN, str(free_port())], short_path) as target:
        agent = target.serving()
        agent.census()
        harness = demand(agent)
        assert agent.ask("hello")["engines"][0]["ping_interval_s"] == 1
        path = agent.path
        agent.close()
        harness.send_signal(how)
        harness.communicate()
        wait_for(lambda: own_ping(path), "the target's own ping")
        fresh = Agent(path)
        assert "registry:agent_asgi.SEEN" not in fresh.ask("counters")["metrics"]
        assert "nothing is traced" in fresh.send(b'{"op": "trace_growth"}')["error"]
        fresh.close()


def test_another_who_is_still_connected_keeps_what_was_asked(short_path: Path) -> None:
    """Only the last connection to end undoes: somebody who merely looked in does not end a run."""
    with running([*UVICORN, str(free_port())], short_path) as target:
        agent = target.serving()
        agent.ask("ping", interval_s=1, timeout_s=2)
        passer_by = Agent(agent.path)
        passer_by.ask("hello")
        passer_by.close()
        assert agent.ask("hello")["engines"][0]["ping_interval_s"] == 1


def test_tracing_that_the_target_began_itself_goes_on(short_path: Path) -> None:
    """A target under PYTHONTRACEMALLOC is still traced after a second pass has come and gone."""
    program = "import tracemalloc; print('ready', flush=True); input(); print(tracemalloc.is_tracing(), flush=True)"
    with running([sys.executable, "-c", program], short_path, PYTHONTRACEMALLOC="1") as target:
        target.agent().ask("trace_start")
        target.agent().ask("trace_stop")
        assert target.process.communicate("\n")[0].splitlines()[-1] == "True"


def test_an_idle_agent_never_wakes(short_path: Path) -> None:
    """While the target works and nobody asks, the agent's thread is not scheduled once."""
    echo = "print('ready', flush=True)\nwhile True: print(sum(range(100_000)) and input(), flush=True)"
    with running([sys.executable, "-c", echo], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        target.agent().ask("hello")
        wait_for(lambda: is_asleep(target), "the agent's thread to be back in its poll")
        target.tell("1")  # asleep it may also have been for the interpreter's lock
        wait_for(lambda: is_asleep(target), "the agent's thread to be back in its poll")
        before = switches_of_the_agent(target)
        for _ in range(200):
            target.tell("1")
        assert switches_of_the_agent(target) == before


LOADED = "print(len([name for name in sys.modules if name.startswith('_soakproof_agent')]), flush=True)"


def test_an_agent_that_nobody_asked_has_loaded_next_to_nothing(short_path: Path) -> None:
    """What a deployed server carries is a thread, a socket and the little that answers the first request."""
    program = f"import sys; print('ready', flush=True)\nwhile input(): {LOADED}"
    with running([sys.executable, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        wait_for(target.pids, "the agent's socket")
        assert int(target.tell("1")) == IDLE_MODULES
        target.agent().ask("hello")
        assert int(target.tell("1")) > IDLE_MODULES


def test_an_agent_that_cannot_be_loaded_says_so(short_path: Path) -> None:
    """The target goes on, whoever asks is told, and the next one too."""
    program = (
        "import sys; sys.modules['_soakproof_agent.transport.dispatch'] = None; print('ready', flush=True); input()"
    )
    with running([sys.executable, "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "ready\n"
        for _ in range(2):
            assert target.agent().send(b'{"op": "hello"}') == {
                "ok": False,
                "error": "the agent cannot be loaded: ModuleNotFoundError",
            }
        assert target.process.poll() is None


def is_asleep(target: Target) -> bool:
    """Whether the agent's thread has not been woken while the target worked."""
    before = switches_of_the_agent(target)
    target.tell("1")
    target.tell("1")
    return switches_of_the_agent(target) == before


def switches_of_the_agent(target: Target) -> list[str]:
    """Return how often each thread but the main one has slept and been woken."""
    tasks = Path(f"/proc/{target.process.pid}/task")
    others = [task for task in tasks.iterdir() if task.name != str(target.process.pid)]
    lines = [(task / "status").read_text().splitlines() for task in others]
    switches = [line for status in lines for line in status if "ctxt_switches" in line]
    assert switches
    return switches


def test_a_process_reads_its_own_memory_as_others_see_it(short_path: Path) -> None:
    """RSS and USS by the agent are psutil's within a few pages, for a target that cannot be seen from outside."""
    with ready("agent_shelf.py", short_path) as target:
        target.agent().census()
        own = target.agent().ask("memory", whole=True)["metrics"]
        seen = psutil.Process(target.process.pid).memory_full_info()
        assert own["process:rss"] == pytest.approx(seen.rss, abs=2**19)
        assert own["process:uss"] == pytest.approx(seen.uss, abs=2**19)
        assert "process:uss" not in target.agent().ask("memory")["metrics"]
        assert target.agent().ask("hello")["start_ticks"] > 0


def test_a_directory_that_others_may_enter_is_refused(short_path: Path) -> None:
    """`soakproof.agent.start` makes a directory 0700, and puts no socket where others come by."""
    program = "from soakproof import agent; import sys; print(agent.start(sys.argv[1]))"
    made = short_path / "made"
    done = subprocess.run([sys.executable, "-c", program, str(made)], capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith(str(made))
    assert made.stat().st_mode & 0o777 == 0o700
    open_to_all = short_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-c", program, str(open_to_all)], capture_output=True, text=True, check=False
    )
    assert f"need a directory of uid {os.geteuid()} with mode 0700" in done.stderr
    assert not list(open_to_all.iterdir())
