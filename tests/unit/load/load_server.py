"""A real server for the load's tests, in its own process, with a log of what it saw."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent


def wait_until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {seconds} s: {condition}")
        time.sleep(0.02)
    return result


def free_port(host="127.0.0.1"):
    with socket.create_server((host, 0)) as free:
        return free.getsockname()[1]


class Server:
    """A server's address and log."""

    def __init__(self, host, port, seen, scheme="http"):
        self.port = port
        self.url = f"{scheme}://{host}:{port}"
        self._seen = seen
        self._skip = 0
        self._gone = set()

    def forget(self):
        """Forget what was, and what is still to come of clients that were: some are given up long after their test."""
        seen = self._read()
        self._skip, self._gone = len(seen), {record["sid"] for record in seen} - {None}

    def records(self, what=None):
        later = self._read()[self._skip :]
        return [record for record in later if what in (None, record["what"]) and record["sid"] not in self._gone]

    def _read(self):
        lines = self._seen.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be half written

    def counts(self):
        return Counter(record["what"] for record in self.records())

    def wait_for(self, **counts):
        wait_until(lambda: all(self.counts()[what] >= count for what, count in counts.items()))
        return self.counts()


@contextlib.contextmanager
def serve(app, directory, *options, host="127.0.0.1", **environment):
    """Run an app under uvicorn, with uvicorn's options; what is in the environment is the app's."""
    with socket.create_server((host, 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        seen = directory / "seen.jsonl"
        seen.touch()
        command = [sys.executable, "-m", "uvicorn", "--log-level", "error", "--fd", str(listener.fileno()), app]
        process = subprocess.Popen(
            [*command, *options],
            pass_fds=[listener.fileno()],
            cwd=HERE,
            env={**os.environ, "SEEN": str(seen), **environment},
        )
        try:
            yield Server(host, port, seen, "https" if "--ssl-certfile" in options else "http")
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
