"""The action of GitHub: the comment that is updated, told by a server that answers as GitHub does, and its scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "action"


class Comments(ThreadingHTTPServer):
    """A pull request that somebody has talked about for two pages; ``refusal`` is what writing is answered with."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Tracker)
        self.comments = [{"id": number, "body": f"looks good to me {number}"} for number in range(150)]
        self.refusal = None


class Tracker(BaseHTTPRequestHandler):
    """As much of GitHub's interface as comments need; keeps them in the server."""

    server: Comments

    def do_GET(self):
        page = int(self.path.rpartition("page=")[2])
        self.answer(200, self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self):
        comment = {"id": 7000 + len(self.server.comments), "body": self.read()["body"]}
        self.server.comments.append(comment)
        self.answer(self.server.refusal or 201, comment)

    def do_PATCH(self):
        number = int(self.path.rpartition("/")[2])
        (comment,) = (each for each in self.server.comments if each["id"] == number)
        comment["body"] = self.read()["body"]
        self.answer(200, comment)

    def read(self):
        assert self.headers["Authorization"] == "Bearer secret"
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def tracker():
    """Serve a pull request."""
    server = Comments()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def comment(tracker, directory, job="soak"):
    """Run the script as a step does, and return what it printed."""
    (directory / "event.json").write_text(json.dumps({"pull_request": {"number": 18}}))
    environment = {
        "GITHUB_EVENT_PATH": str(directory / "event.json"),
        "GITHUB_REPOSITORY": "shop/chat",
        "GITHUB_API_URL": f"http://127.0.0.1:{tracker.server_address[1]}",
        "GITHUB_JOB": job,
        "TOKEN": "secret",
    }
    command = [sys.executable, str(ACTION / "comment.py"), str(directory)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_comment_is_written_once_and_then_updated(tracker, tmp_path):
    """The second run writes over the first one's comment, and another job's stays beside it."""
    (tmp_path / "summary.md").write_text("## leak")
    comment(tracker, tmp_path)
    assert tracker.comments[-1]["body"] == "<!-- soakproof: soak -->\n## leak"
    (tmp_path / "summary.md").write_text("## bounded")
    (tmp_path / "comparison.md").write_text("## no regression")
    comment(tracker, tmp_path)
    assert len(tracker.comments) == 151
    assert tracker.comments[-1]["body"] == "<!-- soakproof: soak -->\n## no regression\n## bounded"
    comment(tracker, tmp_path, job="long")
    assert len(tracker.comments) == 152


def test_a_comment_that_is_refused_leaves_the_check_as_it_is(tracker, tmp_path):
    """Of a fork's pull request the token may not write; that is said, and is no failure."""
    tracker.refusal = 403
    (tmp_path / "summary.md").write_text("## leak")
    assert "need `permissions: pull-requests: write`" in comment(tracker, tmp_path)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"COMMAND": " "}, "command: cannot be read as a command line"),
        ({"COMMAND": "sh -c 'x"}, "command: cannot be read as a command line"),
        ({"COMMAND": "python app.py", "OPTIONS": "--waves 0"}, "--waves: expected int >= 1"),
        ({"COMMAND": "python app.py", "OPTIONS": "--join 'enter={\"a\": 1}' --held --steady 5"}, "--held and --steady"),
    ],
)
def test_wrong_inputs_end_the_step_as_wrong_usage(tmp_path, inputs, said):
    """Inputs are words, as a shell has them, and go through no shell; the step ends with soakproof's exit code."""
    output = tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "OPTIONS": "",
        "BASE_COMMAND": "",
        "BASELINE": "",
        "SOAKPROOF": str(Path(sys.executable).parent / "soakproof"),
        "GITHUB_OUTPUT": str(output),
        **inputs,
    }
    done = subprocess.run(
        ["bash", str(ACTION / "soak"), str(tmp_path / "run")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
