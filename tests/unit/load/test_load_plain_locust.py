"""SocketIOUser under plain `locust`: headless, in one process and in several."""

import csv
import subprocess
import sys

import pytest

USERS = """
from locust import between, tag, task
from soakproof.load import SocketIOUser

class Person(SocketIOUser):
    wait_time = between(0.05, 0.1)
    drops = {"graceful": 1.0}

    @tag("right")
    @task
    def work(self):
        self.call("work", {"a": 1})
        self.emit("ask_me")
        self.wait_for("question")

    @tag("wrong")
    @task
    def fail(self):
        self.call("slow", timeout_s=0.01)
"""


def run_locust(server, tmp_path, *options):
    (tmp_path / "users.py").write_text(USERS)
    common = ["-f", "users.py", "--headless", "-u", "6", "-r", "6", "-t", "2s", "--csv", "out", "--only-summary"]
    command = [sys.executable, "-m", "locust", "--host", server.url, *common, *options]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    with (tmp_path / "out_stats.csv").open() as stream:
        stats = {(row["Type"], row["Name"]): row for row in csv.DictReader(stream)}
    return done, stats


@pytest.mark.parametrize(
    "options", [(), pytest.param(("--processes", "2"), marks=pytest.mark.slow)], ids=["alone", "processes"]
)
def test_it_runs_like_any_locust_user(server, tmp_path, options):
    """Tags choose tasks, statistics have Locust's names, everybody connects once and leaves as the class says."""
    done, stats = run_locust(server, tmp_path, "--tags", "right", *options)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert {("WS", "connect"), ("WSC", "work"), ("WSE", "ask_me"), ("WSR", "question")} <= stats.keys()
    assert int(stats["WSC", "work"]["Request Count"]) >= 30
    assert stats["", "Aggregated"]["Failure Count"] == "0"
    assert server.wait_for(disconnect=6)["connect"] == 6
    assert {record["reason"] for record in server.records("disconnect")} == {"client disconnect"}


def test_failures_are_failures(server, tmp_path):
    """A call that is not answered in time is a failed request, and Locust's exit code says so."""
    done, stats = run_locust(server, tmp_path, "--tags", "wrong")
    assert done.returncode == 1
    slow = stats["WSC", "slow"]
    assert slow["Failure Count"] == slow["Request Count"] != "0"
    assert "slow was not acknowledged within 0.01 s" in (tmp_path / "out_failures.csv").read_text()
    server.wait_for(disconnect=6)
