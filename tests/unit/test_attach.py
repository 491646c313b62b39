"""Attaching to a server that runs already: to a socket, to a directory of sockets, to what is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soakproof.errors import AgentError, ConfigError, TargetError
from soakproof.run.notices import of_memory
from soakproof.target.attached import AttachedTarget, connect_all
from soakproof.target.inject import environment
from soakproof.target.link import AgentLink
from soakproof.target.residence import choose_reader, is_here
from soakproof.target.started import find_free_port, poll_until
from soakproof.wording import say_warning
from tests.programs import need

PROGRAM = """
import http.server, os, sys, threading
{imports}
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
input()
os._exit(0)
"""
SERVING = PROGRAM.format(imports="import socketio; sio = socketio.Server(async_mode='threading')")
OTHER = PROGRAM.format(imports="")


@pytest.fixture
def start(tmp_path_factory, request):
    """A function that starts a program with the agent in it, its socket in a directory, and returns its URL."""
    processes = []

    def begin(directory: Path, program: str, *prefix: str):
        port = find_free_port()
        process = subprocess.Popen(
            [*prefix, sys.executable, "-c", program, str(port)],
            env=environment(directory, {"PATH": "/usr/bin:/bin"}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        processes.append(process)
        assert process.stdout.readline() == b"ready\n"
        return f"http://127.0.0.1:{port}", process

    yield begin
    for process in processes:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def directory(tmp_path):
    """A directory for sockets."""
    return tmp_path / "agents"


def test_of_a_directory_those_that_serve_are_taken(directory, start):
    """With the sockets of several processes in it, the workers are read, and the others let go."""
    url, serving = start(directory, SERVING)
    start(directory, OTHER)
    target = AttachedTarget(directory, url)
    target.start()
    assert [link.pid for link in target.links()] == [serving.pid]
    target.check_alive()
    target.stop()
    assert not target.links()


def test_a_process_that_serves_nothing_is_said_so(directory, start):
    """The agent of a supervisor is not mistaken for a server's."""
    url, process = start(directory, OTHER)
    target = AttachedTarget(directory / f"{process.pid}.sock", url)
    with pytest.raises(TargetError, match=f"no Socket.IO server lives in pid {process.pid}"):
        target.start()
    target.stop()


def test_a_server_that_ends_is_noticed(directory, start):
    """The end of the connection is the end of the run, wherever the process is."""
    url, process = start(directory, SERVING)
    target = AttachedTarget(directory, url)
    target.start()
    process.kill()
    assert any(not target.links()[0].is_open() for _ in poll_until(10))
    with pytest.raises(TargetError, match="has ended"):
        target.check_alive()
    target.stop()


def test_what_cannot_be_attached_to_is_one_sentence(tmp_path, directory, start):
    """A missing socket, an empty directory, a socket left behind, a URL with nothing behind it."""
    with pytest.raises(AgentError, match="need the socket of a running soakproof agent"):
        connect_all(tmp_path / "7.sock")
    with pytest.raises(AgentError, match="holds no agent's socket"):
        connect_all(tmp_path)
    url, process = start(directory, SERVING)
    process.kill()
    process.wait()
    with pytest.raises(AgentError, match="its process has ended, and left the socket behind"):
        connect_all(directory)
    with pytest.raises(TargetError, match="nothing listens there"):
        AttachedTarget(directory, url).start()
    with pytest.raises(ConfigError, match="needs --url"):
        AttachedTarget(directory, "http://127.0.0.1:{port}").start()


def test_a_process_of_this_host_is_read_from_outside(directory, start):
    """What is here psutil reads, and no notice is due."""
    _, process = start(directory, SERVING)
    link = AgentLink(directory / f"{process.pid}.sock")
    assert is_here(link)
    assert not list(of_memory([link]))
    assert set(choose_reader(link)(is_whole=True)) == {"process:rss", "process:uss"}
    link.close()


def test_a_process_of_a_container_reads_itself(directory, start):
    """In another pid namespace it says a pid that is somebody else's here: its agent reads, and the report says so."""
    container = [need("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no pid namespaces (needs root)")
    start(directory, SERVING, *container)
    (link,) = connect_all(directory)
    assert link.pid == 1
    assert not is_here(link)
    assert "in a container: it reads its memory itself" in say_warning(next(of_memory([link])))
    reading = choose_reader(link)(is_whole=True)
    assert reading["process:rss"] >= reading["process:uss"] > 2**20
    link.close()
