"""Those who should not be let in: others' temporary directories, links, squatters, and processes of other users."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from soakproof.agent.transport import launch, places
from soakproof.agent.visit import unpacking
from soakproof.config import Config
from soakproof.errors import AgentError, OutputError
from soakproof.run.directory import claimed, make_output_directory
from soakproof.target.attached import connect_all
from soakproof.target.directory import AgentDirectory
from soakproof.target.link import AgentLink
from soakproof.tempplaces import find_temporary_place
from soakproof.testing import slots
from tests.unit.agent.agent_target import ready

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
ANSWERS = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1].replace("@", chr(0)))
listener.listen()
print(flush=True)
while True:
    connection, _ = listener.accept()
    for _ in connection.makefile():
        connection.sendall(b'{"ok": true, "pid": 1, "versions": {}, "argv": [], "engines": []}\\n')
"""
FORKS = """
import os, sys
from soakproof import agent
print(agent.start(sys.argv[1]), flush=True)
input()
if not os.fork():
    print(agent.start(), flush=True)
    os._exit(0)
os.wait()
"""
SELF_ONLY = "refused, or another place is taken; nobody else can put something where ours is"


@pytest.fixture
def place():
    """A directory that every user can enter, as the system's for temporary files is."""
    path = Path(tempfile.mkdtemp(prefix="intruders-", dir="/tmp")).resolve()
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@contextmanager
def answering(address, user):
    """Have somebody answer at an address as an agent does."""
    command = ["/usr/bin/python3", "-I", "-c", ANSWERS, str(address)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, user=user) as process:
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def refusal_for(user, path):
    """Return what a process of another user is told that connects to an agent."""
    reading, writing = os.pipe()
    if not (pid := os.fork()):
        os.setresuid(user, user, user)
        try:
            AgentLink(path)
        except AgentError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        return stream.read()


def give(path, user, group, mode):
    """Have a directory belong to others (-1: as before), with a mode."""
    os.chown(path, user, group)
    path.chmod(mode)


HOSTILE = {
    "writable by all, without the sticky bit": lambda path: path.chmod(0o777),
    "writable by a group that is not ours": lambda path: give(path, -1, NOBODY, 0o770),
    "somebody else's": lambda path: give(path, NOBODY, -1, 0o755),
    "gone": lambda path: path.rmdir(),
}


@as_root
@pytest.mark.parametrize("is_linked", [False, True], ids=["itself", "through-a-link"])
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(
            name, marks=pytest.mark.fault("security", f"a TMPDIR that is {name}", SELF_ONLY), id=name.replace(" ", "-")
        )
        for name in HOSTILE
    ],
)
def test_a_hostile_tmpdir(place, monkeypatch, happened, how, is_linked):
    """Below it or as itself: agent, harness, watchdog and slots go elsewhere, and nothing is made in it."""
    hostile = place / "hostile"
    inner = hostile / "ours"
    inner.mkdir(parents=True)
    if how == "gone":
        inner.rmdir()
    HOSTILE[how](hostile)
    named = hostile if how == "gone" else inner
    if is_linked:
        (place / "link").symlink_to(named)
        named = place / "link"
    monkeypatch.setattr(tempfile, "tempdir", str(named))
    assert places.find_danger(str(named))
    made = Path(launch.make_directory())
    directory = AgentDirectory()
    try:
        for path in (made, directory.path, slots.make_directory()):
            assert path.stat().st_mode & 0o777 == 0o700
            assert not places.find_danger(str(path))
            assert not path.is_relative_to(hostile)
    finally:
        made.rmdir()
        directory.remove()
    assert not inner.exists() or not list(inner.iterdir())
    happened(
        f"{places.find_danger(str(named))}: agent and harness took {find_temporary_place()}".replace(str(place), "…")
    )


@as_root
def test_no_place_is_safe(place, monkeypatch):
    """Where there is none, it is said whose fault it is, and what is needed."""
    place.chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setattr(places, "PLACES", (str(place),))
    with pytest.raises(OutputError, match=f"TMPDIR: anybody may rename what is in {place}.*need a TMPDIR in which"):
        find_temporary_place()


@as_root
def test_the_system_s_place_is_not_safe(place, monkeypatch):
    """What a visited process is to run is laid nowhere that others could change it, link or not."""
    place.chmod(0o777)
    monkeypatch.setattr(unpacking, "PLACES", (str(place),))
    with pytest.raises(OSError, match="others could rename what is put there"):
        unpacking.make_directory("")
    place.chmod(0o1777)
    made = Path(unpacking.make_directory(""))
    assert made.parent == place
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_safe_place_is_kept(tmp_path, monkeypatch):
    """Whoever names a TMPDIR of their own has it used, without the links to it."""
    tmp_path.chmod(0o700)
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))
    assert find_temporary_place() == (tmp_path / "real").resolve()


@pytest.mark.fault("security", "a link that leads to the agent's directory, and later elsewhere", "the first stays")
def test_a_link_that_is_turned(place, happened):
    """The agent's directory is what the link led to when it started; forked children are not led away."""
    ours, theirs, link = place / "ours", place / "theirs", place / "link"
    for path in (ours, theirs):
        path.mkdir(mode=0o700)
    link.symlink_to(ours)
    command = [sys.executable, "-c", FORKS, str(link)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert Path(process.stdout.readline().strip()).parent == ours
        link.unlink()
        link.symlink_to(theirs)
        child, _ = process.communicate("\n")
    assert Path(child.strip()).parent == ours
    assert not list(theirs.iterdir())
    happened("the agent, and that of a child that its process forked, stayed in the first directory")


@as_root
@pytest.mark.fault("security", "somebody else's socket where an agent's should be", "not asked: told whose it is")
def test_a_squatter_at_the_path(place, happened):
    """A socket of another user in a directory that both can enter is refused, as our own user and as root's harness."""
    theirs = place / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY, -1)
    path = theirs / "1.sock"
    with answering(path, NOBODY) as squatter:
        path.chmod(0o777)
        with pytest.raises(AgentError, match=f"pid {squatter.pid} of uid {NOBODY} answers there"):
            AgentLink(path, is_own=True)
        said = refusal_for(1, path)
        assert f"pid {squatter.pid} of uid {NOBODY} answers there, and soakproof runs as uid 1" in said
        AgentLink(path).close()  # as root, who asks for it by name
    happened(said.replace(str(place), "…"))


@as_root
@pytest.mark.fault("security", "attaching to the agent of another user", "refused, on both sides")
def test_an_agent_of_another_user(place, happened):
    """The agent, too, gives no answer to whom it does not belong."""
    agents = place / "agents"
    with ready("agent_shelf.py", agents) as target:
        path = target.agent().path
        for opened in (agents, path):
            opened.chmod(0o777)
        said = refusal_for(1, path)
    assert "answers there, and soakproof runs as uid 1" in said or "no answer to 'hello'" in said, said
    happened("the agent closes the connection without a word")


@pytest.mark.fault("security", "somebody listens at an abstract socket of the agent's name", "it is never asked")
def test_an_abstract_squatter(place, happened):
    """The agent listens at a path alone, and no name leads the harness to a socket without one."""
    with ready("agent_shelf.py", place / "agents") as target:
        path = target.agent().path
        with answering(f"@{path}", None) as squatter:
            link = AgentLink(path)
            assert link.peer_pid == target.process.pid != squatter.pid
            link.close()
            with pytest.raises(AgentError, match="no path"):
                connect_all(Path(f"\0{path}"))
            sockets = psutil.Process(target.process.pid).net_connections("unix")
            assert {socket.laddr for socket in sockets if socket.laddr} == {str(path)}
    happened("the agent's sockets have paths, all of them; a name that begins with NUL is refused")


@as_root
@pytest.mark.fault("security", "somebody else has made the directory of pytest's slots, with links in it", "told")
def test_a_squatter_of_the_slots(place, monkeypatch, happened):
    """Its name can be guessed; whoever makes it first could have files of ours emptied."""
    place.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    guessed = place / f"soakproof-slots-{os.getuid()}"
    guessed.mkdir()
    (victim := place / "victim").write_text("kept")
    (guessed / "0.lock").symlink_to(victim)
    os.chown(guessed, NOBODY, -1)
    with pytest.raises(OutputError, match="is not this user's alone; remove it"), slots.slot():
        pass
    assert victim.read_text() == "kept"
    happened("refused with the directory's name; the file that a link in it led to is as it was")


@pytest.mark.fault("security", "the directory of a new run holds a link", "refused before anything is written")
@pytest.mark.parametrize("name", ["target.log", "report.html", "charts"])
def test_a_link_in_the_directory_of_a_new_run(tmp_path, happened, name):
    """What it leads to stays as it is."""
    (victim := tmp_path / "victim").write_text("kept")
    out = tmp_path / "out"
    out.mkdir()
    (out / name).symlink_to(victim)
    with (
        pytest.raises(OutputError, match=f"{name} in it is a link"),
        claimed(make_output_directory(Config(out=str(out)))),
    ):
        pass
    assert victim.read_text() == "kept"
    happened("one sentence; what it led to is as it was")
