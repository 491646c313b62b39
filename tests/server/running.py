"""Runs the reference server as users do: a process of its own, on a free port."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager

COMMAND = [sys.executable, "-m", "server", "--port", "0"]


class Running:
    """A running server and what it has written so far."""

    def __init__(self, process, url):
        self.process = process
        self.url = url
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        self.log.extend(self.process.stdout)

    def get(self, path, **headers):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=10) as response:
            return response.read().decode()

    def get_json(self, path):
        return json.loads(self.get(path))

    def post(self, path, body=None):
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body or {}).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def stop(self, number=signal.SIGTERM):
        """Send a signal and return the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=15)
        self._reader.join(timeout=5)
        return code, time.monotonic() - began


@contextmanager
def running(*options, env=None):
    """Start ``python -m server`` with more options; yield it when it answers; end it."""
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    )
    try:
        url = find_url(process)
        server = Running(process, url)
        wait_until(lambda: is_up(server))
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def find_url(process):
    seen = []
    for line in process.stdout:
        seen.append(line)
        match = re.search(r"serving on (http://\S+)", line)
        if match:
            return match[1]
    raise AssertionError("the server did not start:\n" + "".join(seen))


def is_up(server):
    try:
        return server.get_json("/health")["status"] == "healthy"
    except OSError:
        return False


def wait_until(condition, timeout_s=15.0):
    """Wait until ``condition()`` is true, and return its value."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not so after {timeout_s} s: {condition}"
        time.sleep(0.01)
    return value
