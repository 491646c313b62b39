"""Where a target listens when nobody said: the ports of its processes, and of several the one that speaks HTTP."""

import socket
import subprocess
import sys
import threading

import psutil
import pytest

from soakproof.errors import TargetError
from soakproof.target.listening import Listener, choose_listener, find_listeners
from soakproof.target.started import StartedTarget


def listen(address="127.0.0.1", family=socket.AF_INET):
    listener = socket.socket(family)
    listener.bind((address, 0))
    listener.listen()
    return listener


def test_the_ports_of_a_process_are_found():
    """Those it listens on, at an address that can be connected to; not those that it is connected to."""
    with listen() as one, listen("0.0.0.0") as any_, socket.create_connection(one.getsockname()):
        found = find_listeners([psutil.Process()])
        assert Listener("127.0.0.1", one.getsockname()[1]) in found
        assert Listener("127.0.0.1", any_.getsockname()[1]) in found
    assert Listener("127.0.0.1", 8000).url == "http://127.0.0.1:8000"
    assert Listener("::1", 8000).url == "http://[::1]:8000"


def test_a_process_that_is_gone_listens_nowhere():
    """No error: processes come and go while a server starts."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    gone = psutil.Process(process.pid)
    process.wait()
    assert find_listeners([gone]) == []


def serve_once(listener):
    connection, _ = listener.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")


def test_of_several_ports_the_one_that_speaks_http_is_taken():
    """A debugger's port, or a database's, is no server."""
    with listen() as mute, listen() as web:
        mute.close()
        threading.Thread(target=serve_once, args=(web,)).start()
        listeners = [Listener("127.0.0.1", 1), Listener(*web.getsockname())]
        assert choose_listener(listeners) == listeners[1]


def test_of_two_servers_the_user_has_to_name_one():
    """Nothing is guessed."""
    with listen() as one, listen() as other:
        for listener in (one, other):
            threading.Thread(target=serve_once, args=(listener,)).start()
        listeners = [Listener(*one.getsockname()), Listener(*other.getsockname())]
        with pytest.raises(TargetError, match=r"listens at http://127.0.0.1:\d+, http://127.0.0.1:\d+; .* give --url"):
            choose_listener(listeners)


SERVER = """
import http.server
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_a_target_that_says_no_port_is_found_where_it_listens(tmp_path):
    """`soakproof run -- python app.py`: its URL is known once it has started."""
    (tmp_path / "app.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "app.py")]
    target = StartedTarget(command, "http://127.0.0.1:{port}", tmp_path / "target.log", 30)
    try:
        target.start()
        port = int((tmp_path / "target.log").read_text().split()[0])
        assert target.url == f"http://127.0.0.1:{port}"
    finally:
        target.stop()


def test_a_target_that_never_listens_is_told_without_a_port(tmp_path):
    """Nobody is sent to an address that was made up."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    target = StartedTarget(command, "http://127.0.0.1:{port}", tmp_path / "target.log", 1)
    try:
        with pytest.raises(TargetError, match=r"did not listen at any port within 1 s \(--ready-timeout\)"):
            target.start()
    finally:
        target.stop()
