"""The agent gets into the Python processes of a target, however it is started, and leaves it as it was."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import socketio

from soakproof.target.inject import BOOTSTRAP, environment
from tests.unit.agent.agent_target import APPS, Target, free_port, running, wait_for

UVICORN = [sys.executable, "-m", "uvicorn", "agent_asgi:app", "--log-level", "warning", "--port"]


def emit_once(port: int, event: str = "join", data: str = "lobby") -> object:
    """Connect to a Socket.IO server as soon as it listens, call an event and disconnect."""

    def connected() -> socketio.SimpleClient | None:
        client = socketio.SimpleClient()
        try:
            client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
        except socketio.exceptions.ConnectionError:
            return None
        return client

    client = wait_for(connected, f"a server on port {port}")
    answer = client.call(event, data, timeout=10)
    client.disconnect()
    return answer


def test_uvicorn_serves_with_the_agent_inside(short_path: Path) -> None:
    """Under `uvicorn app:app` the process that serves says so, with engine, versions and pid."""
    port = free_port()
    with running([*UVICORN, str(port)], short_path) as target:
        hello = target.serving().ask("hello")
        assert hello["pid"] == target.process.pid
        assert hello["versions"]["python-socketio"]
        assert hello["engines"][0]["class"] == "engineio.async_server:AsyncServer"
        assert emit_once(port) == "lobby"


def test_every_worker_of_uvicorn_has_its_own(short_path: Path) -> None:
    """Under `uvicorn --workers 2` two processes serve, each with an agent of its own."""
    with running([*UVICORN, str(free_port()), "--workers", "2"], short_path) as target:

        def serving() -> bool:
            agents = [target.agent(pid) for pid in target.pids()]
            return sum(agent.ask("hello")["is_serving"] for agent in agents) == 2

        wait_for(serving, "two serving workers")


def test_a_forked_worker_of_gunicorn_answers_under_its_own_pid(short_path: Path) -> None:
    """A worker that gunicorn forks answers on its own socket, and so does the parent that forked it."""
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "20", "-b", f"127.0.0.1:{free_port()}"]
    with running([*command, "agent_wsgi:app"], short_path) as target:
        worker = target.serving()
        hello = worker.ask("hello")
        assert hello["ppid"] == target.process.pid
        assert target.agent().ask("hello")["pid"] == target.process.pid


@pytest.mark.parametrize("mode", ["threading", "gevent"])
def test_flask_socketio_serves_with_the_agent_inside(short_path: Path, mode: str) -> None:
    """In threading and in gevent mode the agent answers while Flask-SocketIO serves, and sees its registry grow."""
    port = free_port()
    with running([sys.executable, "agent_wsgi.py", str(port)], short_path, MODE=mode) as target:
        agent = target.serving()
        agent.census()
        assert emit_once(port) == "lobby"
        assert agent.census()["metrics"]["registry:__main__.JOINED"] == 1
        assert agent.ask("hello")["engines"][0]["async_mode"] == mode


def test_children_carry_the_agent(short_path: Path) -> None:
    """Forked and spawned children and Python commands each have an agent under their own pid."""
    with running([sys.executable, "agent_family.py"], short_path) as target:
        assert target.process.stdout
        for pid in map(int, target.process.stdout.readline().split()):
            assert target.agent(pid).ask("hello")["pid"] == pid
        target.process.communicate("end\n")


def test_forking_with_the_agent_warns_of_nothing(short_path: Path) -> None:
    """Its thread is gone while the process forks: Python has no threads to warn of, and the agent answers after it."""
    program = (
        "import os, sys; pid = os.fork(); pid or os._exit(0); os.waitpid(pid, 0); print('forked', flush=True); input()"
    )
    with running([sys.executable, "-W", "error", "-c", program], short_path) as target:
        assert target.process.stdout
        assert target.process.stdout.readline() == "forked\n"
        assert target.agent().ask("hello")["pid"] == target.process.pid
        _, errors = target.process.communicate("\n")
        assert not errors


def test_a_sitecustomize_that_was_there_still_runs(short_path: Path, tmp_path: Path) -> None:
    """The target's own sitecustomize runs after ours, and is what `import sitecustomize` gives."""
    (tmp_path / "sitecustomize.py").write_text("WHOSE = 'the target'\n")
    program = "import sitecustomize, sys; print(sitecustomize.WHOSE, *sys.path)"
    base = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = run(program, environment(short_path, base))
    assert done.stdout.startswith("the target")
    assert str(BOOTSTRAP) not in done.stdout
    assert str(tmp_path) in done.stdout


def test_the_target_starts_when_the_agent_cannot(short_path: Path) -> None:
    """Without a directory for its socket the agent stays out, and the target runs as if nothing had been."""
    variables = {**environment(short_path, os.environ), "SOAKPROOF_AGENT_DIR": str(short_path / "no" / "such")}
    done = run("print('alive')", variables)
    assert (done.stdout, done.stderr) == ("alive\n", "")
    assert "soakproof: the agent did not start" in run("", {**variables, "SOAKPROOF_AGENT_DEBUG": "1"}).stderr


def test_only_its_owner_can_reach_the_socket(short_path: Path) -> None:
    """The directory is 0700, the socket 0600, and the socket is gone once the process has ended."""
    with running([sys.executable, "-c", "input()"], short_path) as target:
        agent = target.agent()
        assert stat.S_IMODE(short_path.stat().st_mode) == 0o700
        assert stat.S_IMODE(agent.path.stat().st_mode) == 0o600
        target.process.communicate("\n")
    assert not agent.path.exists()


def test_a_path_too_long_for_sockets_is_refused(tmp_path: Path) -> None:
    """A directory whose sockets could not be bound is refused before anything starts."""
    with pytest.raises(OSError, match="at most"):
        environment(tmp_path / ("long" * 25), {})


ENDING = """
import os
class Last:
    def __del__(self, list_threads=os.listdir):
        print(len(list_threads("/proc/self/task")))
last = Last()
"""


def test_the_agents_thread_is_gone_when_the_interpreter_ends(short_path: Path) -> None:
    """Python 3.11 ends a thread in the middle of what it does, and one process of twenty died of that (SIGSEGV)."""
    done = run(ENDING, environment(short_path, os.environ))
    assert (done.stdout, done.returncode) == ("1\n", 0)
    assert not list(short_path.glob("*.sock"))


FILLING = """
import threading
from soakproof.agent.process import libc
libc.load()
before = libc.in_use_bytes()
come, leave = threading.Barrier(9), threading.Event()
def fill():
    kept = [[bytes(size) for _ in range(7)] for size in range(540, 990, 16)]
    del kept
    come.wait()
    leave.wait()
threads = [threading.Thread(target=fill) for _ in range(8)]
for thread in threads: thread.start()
come.wait()
print(int(libc.in_use_bytes() - before))
leave.set()
"""


def test_what_threads_have_freed_is_not_in_use(short_path: Path) -> None:
    """Glibc's threads cache what they free, and say that it is in use; whoever sets the cache themselves keeps it."""
    grown = int(run(FILLING, environment(short_path, os.environ)).stdout)
    wanted = {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.tcache_count=7"}
    cached = environment(short_path, wanted)
    assert cached["GLIBC_TUNABLES"] == wanted["GLIBC_TUNABLES"]
    assert int(run(FILLING, cached).stdout) > 8 * 100_000
    assert grown < 8 * 10_000


def test_tunables_of_the_users_are_kept(short_path: Path) -> None:
    """Ours comes beside them."""
    carried = environment(short_path, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2"})
    assert carried["GLIBC_TUNABLES"] == "glibc.malloc.arena_max=2:glibc.malloc.tcache_count=0"


def test_a_server_may_start_the_agent_itself(short_path: Path) -> None:
    """`soakproof.agent.start()` returns the socket's path, the same one when called again."""
    program = (
        "from soakproof import agent; import sys; path = agent.start(sys.argv[1]); "
        "assert agent.start() == path; print(path, flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(short_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    target = Target(process, short_path)
    try:
        assert process.stdout
        assert process.stdout.readline().strip() == str(short_path / f"{process.pid}.sock")
        assert target.agent().ask("hello")["pid"] == process.pid
    finally:
        target.close()


def run(program: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a Python program in an environment."""
    return subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True, cwd=APPS
    )
