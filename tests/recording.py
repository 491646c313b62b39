"""Runs ``soakproof record`` as users do: a process of its own in front of a server, ended by Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

APPS = Path(__file__).parent / "apps"
ENDING_S = 60


class Recording:
    """A recorder that runs: ``url`` is its own, ``file`` what it will write, ``printed`` what it has said."""

    def __init__(self, process, url, file):
        self.process = process
        self.url = url
        self.file = file
        self.printed = ""

    def end(self):
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        self.printed, _ = self.process.communicate(timeout=ENDING_S)
        return self.process.returncode


def serve(app):
    """Return the command that serves one of tests/apps."""
    return [sys.executable, "-m", "uvicorn", f"{app}:app", "--port", "{port}", "--log-level", "warning"]


@contextmanager
def recording(app, file, **variables):
    """Record one of tests/apps, started by the recorder; it has ended, and the server too, when this is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "soakproof", "record", "--port", "0", "-o", str(file), "--", *serve(app)],
        cwd=APPS,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        while not (found := re.search(r"open (http://\S+)/ in a browser", said)):
            line = process.stdout.readline()
            assert line, said
            said += line
        yield Recording(process, found[1], file)
    finally:
        with process:  # closes its pipe
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=ENDING_S)
