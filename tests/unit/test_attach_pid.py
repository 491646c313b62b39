"""Attaching to a pid: the agent comes into a process that nobody prepared, and leaves it as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from soakproof.agent.transport import service
from soakproof.config import Config
from soakproof.config.checks import check
from soakproof.errors import ConfigError, TargetError
from soakproof.target import entering, visited
from soakproof.target.inject import environment
from soakproof.target.link import AgentLink
from soakproof.target.runningprocess import examine, find_pythons
from soakproof.target.started import find_free_port, poll_until
from soakproof.target.visited import Visit, VisitedTarget
from tests.programs import need, need_calling_gdb, python_of

APPS = Path(__file__).resolve().parents[1] / "apps"
PROGRAM = APPS / "unprepared_program.py"
REMOTE = ("3.14", "3.15")
BY_DEBUGGER = ("3.9", "3.10", "3.11", "3.12", "3.13")
NOBODY = 65534
CONTAINER = ("--pid", "--mount", "--fork", "--kill-child", "--mount-proc")
HELLO = b'{"ok": true, "pid": 1, "versions": {}, "argv": [], "engines": []}\n'
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def run():
    """A function that runs a program until the test ends, once it says that it is ready."""
    processes = []

    def begin(*command, **options):
        process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=APPS,
            text=True,
            **options,
        )
        processes.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@contextmanager
def visiting(pid, *, by_debugger=False):
    """A visit to a process, once the agent is there."""
    visit = Visit(examine(pid), by_debugger=by_debugger)
    try:
        assert any(visit.has_arrived() for _ in poll_until(20))
        yield visit
    finally:
        visit.end()


def look(process):
    """Return what a program says is in its process."""
    process.stdin.write("look\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def exercise(link):
    """Have the agent do all that stays while it is there: watching, following lines, tracing, changing the ping."""
    link.request("census", collect=True, trim=True, discover=True)
    link.request("trace_start", frames=4)
    link.request("trace_mark")
    link.request("explain", subjects=[["type:dict", None]])
    link.request("describe_lines", lines=[[str(PROGRAM), 12]])


@pytest.mark.parametrize("minor", [*REMOTE, *BY_DEBUGGER])
def test_the_agent_comes_and_leaves_nothing(minor, run):
    """Again and again: thread, descriptors, modules, hooks, import paths, names, traces and pages are as they were."""
    by_debugger = minor in BY_DEBUGGER
    if by_debugger:
        need_calling_gdb()
    process = run(python_of(minor), PROGRAM)
    before = look(process)
    for _ in range(2 if minor in {"3.11", "3.14"} else 1):
        with visiting(process.pid, by_debugger=by_debugger) as visit:
            assert visit.link.hello["pid"] == process.pid
            assert visit.link.hello["python"].startswith(minor)
            exercise(visit.link)
            assert look(process) != before
        assert visit.has_left()
        assert any(look(process) == before for _ in poll_until(5)), look(process)  # its thread is about to end
    process.stdin.close()
    assert process.stderr.read() == ""
    assert process.wait() == 0


def test_what_is_laid_is_its_owners_alone(run):
    """Directory and files cannot be read, let alone written, by others: what stands in them is run."""
    process = run(python_of("3.14"), PROGRAM)
    with visiting(process.pid) as visit:
        top = Path(visit.directory)
        assert top.stat().st_mode & 0o777 == 0o700
        modes = {path.stat().st_mode & 0o777 for path in top.rglob("*") if path.is_file() and path.suffix == ".py"}
        assert modes == {0o600}
        assert {path.stat().st_uid for path in top.rglob("*")} == {os.geteuid()}


def test_whoever_else_answers_is_not_taken_for_the_process(run):
    """Who listens is asked of the system, not of the socket's name."""
    process = run(python_of("3.14"), PROGRAM)
    with visiting(process.pid) as visit:
        first, visit.link = visit.link, None
        visit.process = replace(visit.process, pid=os.getpid())
        with pytest.raises(TargetError, match=f"pid {process.pid} answers there, need pid {os.getpid()}"):
            any(visit.has_arrived() for _ in poll_until(20))
        visit.process = replace(visit.process, pid=process.pid)
        first.close()


@pytest.mark.parametrize("is_asked", [True, False])
def test_a_visitor_leaves_when_nobody_is_there(is_asked, tmp_path, monkeypatch):
    """After its last connection, however that ended; and when nobody comes at all."""
    monkeypatch.setattr(service, "VISITOR_PATIENCE_MS", 60_000 if is_asked else 200)
    left = threading.Event()
    visitor = service.Service(str(tmp_path), lambda _: HELLO, lambda: None)
    visitor.visit(left.set)
    visitor.start()
    if is_asked:
        link = AgentLink(Path(visitor.path))
        assert not left.wait(0.3)
        link.close()
    assert left.wait(10)
    assert not Path(visitor.path).exists()


@is_root
def test_root_reaches_another_users_process_with_that_users_rights(run):
    """The interpreter that root has make the call is the user's, so it runs as that user, and so do the files."""
    process = run(python_of("3.14"), PROGRAM, user=NOBODY, group=NOBODY, extra_groups=[])
    before = look(process)
    with visiting(process.pid) as visit:
        assert visit.link.hello["pid"] == process.pid
        assert {path.stat().st_uid for path in Path(visit.directory).rglob("*")} == {NOBODY}
    assert any(look(process) == before for _ in poll_until(5))


@is_root
def test_a_process_of_a_container_is_reached(run):
    """In other pid and mount namespaces, where /tmp is another: pids are as here, memory is read from outside."""
    container = [need("unshare"), *CONTAINER]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no pid namespaces")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as beside:  # the checkout itself may lie below /tmp
        for file in (PROGRAM, PROGRAM.with_name("left_behind.py")):
            shutil.copy(file, beside)
        inside = f"mount -t tmpfs none /tmp && exec {python_of('3.14')} {beside}/{PROGRAM.name}"
        outer = run(*container, "sh", "-c", inside)
    (child,) = psutil.Process(outer.pid).children()
    before = look(outer)
    with visiting(child.pid) as visit:
        assert (visit.link.pid, visit.link.hello["pid"]) == (child.pid, 1)
        assert not Path(visit.directory).exists()
    assert visit.has_left()
    assert any(look(outer) == before for _ in poll_until(5))


@is_root
@pytest.mark.parametrize("capabilities", [0, 1 << 19])
def test_what_is_run_beside_a_process_has_its_rights_alone(capabilities):
    """User, groups and exactly the capabilities, none to be gained."""
    who = {"pid": os.getpid(), "uid": NOBODY, "gid": NOBODY, "groups": [4], "capabilities": capabilities}
    asked = json.dumps({**who, "enters": False, "environment": {}})
    command = [sys.executable, "-I", "-S", entering.__file__, asked, "/bin/cat", "/proc/self/status"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    status = dict(line.split(":\t", 1) for line in printed.splitlines() if ":\t" in line)
    assert status["Uid"].split() == status["Gid"].split() == [str(NOBODY)] * 4
    assert status["Groups"].split() == ["4"]
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")} == {capabilities}
    assert status["NoNewPrivs"] == "1"


def test_a_process_that_is_not_there_is_said_so():
    """A pid that was, and is no more."""
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    with pytest.raises(TargetError, match=f"pid {ended.pid}: no such process; need the pid of a running server"):
        examine(ended.pid)


def test_another_users_process_is_refused(run):
    """Only the user itself, or root, may bring code into a process."""
    pid = run(sys.executable, PROGRAM).pid if os.geteuid() == 0 else 1
    own = os.geteuid() or NOBODY
    try:
        os.seteuid(own)
        with pytest.raises(TargetError, match=f"pid {pid} belongs to uid 0, and soakproof runs as uid {own}"):
            examine(pid)
    finally:
        os.seteuid(os.getuid())


def test_a_program_that_is_no_python_is_refused():
    """It is not run a second time to find out."""
    program = subprocess.Popen(["/bin/sleep", "60"])
    try:
        with pytest.raises(TargetError, match=f"pid {program.pid} runs .*sleep, which is not Python"):
            examine(program.pid)
    finally:
        program.kill()
        program.wait()


@pytest.mark.parametrize(
    ("words", "variables"), [(["-X", "disable-remote-debug"], {}), ([], {"PYTHON_DISABLE_REMOTE_DEBUG": "1"})]
)
def test_remote_debugging_switched_off_is_said_so(words, variables, run):
    """Both ways; and nothing is left lying about."""
    process = run(python_of("3.14"), *words, PROGRAM, env={**os.environ, **variables})
    lying = set(Path("/tmp").glob("soakproof-*/arrive.py"))
    with pytest.raises(TargetError, match=r"remote debugging is switched off in it .* or --attach-with gdb"):
        Visit(examine(process.pid), by_debugger=False)
    assert not [path for path in set(Path("/tmp").glob("soakproof-*/arrive.py")) - lying if path.exists()]


def test_an_older_python_is_told_of_the_debugger(run):
    """A debugger is offered with what it does, and never used unasked."""
    process = run(sys.executable, PROGRAM) if sys.version_info < (3, 14) else run(python_of("3.11"), PROGRAM)
    with pytest.raises(ConfigError, match=r"needs 3.14 \(PEP 768\); need --attach-with gdb \(gdb stops the process"):
        Visit(examine(process.pid), by_debugger=False)


def test_a_debugger_that_is_not_there_is_said_so(run, monkeypatch):
    """With the command that installs it."""
    process = run(sys.executable, PROGRAM)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ConfigError, match="gdb is not on this machine"):
        Visit(examine(process.pid), by_debugger=True)


def test_a_process_that_carries_an_agent_is_not_given_a_second(run, tmp_path):
    """Its socket is named, and it stays."""
    process = run(python_of("3.14"), PROGRAM, env=environment(tmp_path / "agents", os.environ))
    visit = Visit(examine(process.pid), by_debugger=False)
    with pytest.raises(TargetError, match=rf"carries soakproof's agent already; need --attach .*/{process.pid}.sock"):
        any(visit.has_arrived() for _ in poll_until(20))
    visit.end()
    assert visit.has_left()
    assert (tmp_path / "agents" / f"{process.pid}.sock").exists()


@pytest.mark.parametrize(("minor", "by_debugger"), [("3.14", False), ("3.11", True)])
def test_a_blocked_process_is_left_alone(minor, by_debugger, run, monkeypatch):
    """Its main thread comes to no safe point: the call is taken back, and when it comes to one nothing happens."""
    if by_debugger:
        need_calling_gdb()
    process = run(python_of(minor), PROGRAM, "blocked")
    monkeypatch.setattr(visited, "ARRIVAL_S", 1.0)
    target = VisitedTarget(process.pid, f"http://127.0.0.1:{find_free_port()}", by_debugger=by_debugger)
    target._processes = find_pythons(process.pid)
    with pytest.raises(TargetError, match="came to no point within 1 s at which it could take the agent in"):
        target._connect()
    (visit,) = target._visits
    target.stop()
    assert visit.has_left()
    said = look(process)
    assert (said["modules"], said["objects"]) == ([], [])
    process.stdin.close()
    assert process.stderr.read() == ""


def test_a_supervisors_workers_are_found(run):
    """The Python processes below a pid are visited too; a shell between them and what only watches are not."""
    workers = "import subprocess, sys; subprocess.Popen(['sh', '-c', sys.argv[1]]); print('ready', flush=True); input()"
    process = run(sys.executable, "-c", workers, f"sleep 30 | {sys.executable} {PROGRAM} >/dev/null & wait")
    supervisor = psutil.Process(process.pid)
    try:
        assert any(len(find_pythons(process.pid)) > 1 for _ in poll_until(10))
        (worker,) = [
            child for child in supervisor.children(recursive=True) if PROGRAM.name in " ".join(child.cmdline()[:2])
        ]
        assert [each.pid for each in find_pythons(process.pid)] == [process.pid, worker.pid]
    finally:
        for child in supervisor.children(recursive=True):
            child.kill()


def test_those_that_listen_are_visited_and_their_address_is_found(run):
    """Of a server's processes the helpers are let be; its port need not be said."""
    serving = (
        "import socket, subprocess, sys; server = socket.create_server(('127.0.0.1', 0))\n"
        "child = subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE)\n"
        "print('port', server.getsockname()[1], file=sys.stderr, flush=True); input(); child.kill()"
    )
    process = run(sys.executable, "-c", serving, PROGRAM)  # it is its helper that says ready
    port = int(process.stderr.readline().split()[1])  # and it ends with the pipe that its server holds
    target = VisitedTarget(process.pid, "http://127.0.0.1:{port}", by_debugger=False)
    target._locate()
    assert [each.pid for each in target._processes] == [process.pid]
    assert target.url == f"http://127.0.0.1:{port}"


def test_a_server_that_listens_nowhere_needs_its_address(run):
    """With the option that says it."""
    process = run(sys.executable, PROGRAM)
    with pytest.raises(ConfigError, match="it listens on no port that is to be seen from here; need --url"):
        VisitedTarget(process.pid, "http://127.0.0.1:{port}", by_debugger=False).start()


def test_the_option_needs_a_pid():
    """A debugger has no use with a socket."""
    with pytest.raises(ConfigError, match="--attach-with gdb: need --attach PID too"):
        check(Config(attach="/run/soakproof", attach_with="gdb"))
