"""SocketIOUser under plain `locust`: headless, in one process and in several."""

import csv
import signal
import subprocess
import sys

import pytest

from tests.unit.load.load_server import free_port, wait_until

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


LOCUST = [sys.executable, "-m", "locust", "-f", "users.py"]


def read_stats(tmp_path):
    """Return Locust's statistics by type and name; it writes them anew each second, the workers' three seconds late."""
    file = tmp_path / "out_stats.csv"
    lines = file.read_text().splitlines() if file.exists() else []
    return {(row["Type"], row["Name"]): row for row in csv.DictReader(lines) if row["Failure Count"]}


def run_locust(server, tmp_path, *options, users=USERS, enough=None):
    """Run six users until the statistics say enough (or, without that, until Locust ends by itself)."""
    (tmp_path / "users.py").write_text(users)
    common = ["--headless", "--csv", "out", "--only-summary", *(("-u", "6", "-r", "6") if enough else ())]
    log = tmp_path / "log"
    with log.open("w") as stream:
        command = [*LOCUST, "--host", server.url, *common, *options]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=stream)
    try:
        if enough is not None:
            wait_until(lambda: enough(read_stats(tmp_path)), 80)
            process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
    return process.returncode, log.read_text(), read_stats(tmp_path)


def six_are_at_work(stats):
    """Return whether six have connected, and each request of their task was made often."""
    counts = {key: int(row["Request Count"]) for key, row in stats.items()}
    return counts.get(("WS", "connect")) == 6 and counts.get(("WSR", "question"), 0) >= 30


@pytest.mark.parametrize(
    "options", [(), pytest.param(("--processes", "2"), marks=pytest.mark.slow)], ids=["alone", "processes"]
)
def test_it_runs_like_any_locust_user(server, tmp_path, options):
    """Tags choose tasks, statistics have Locust's names, everybody connects once and leaves as the class says."""
    code, errors, stats = run_locust(server, tmp_path, "--tags", "right", *options, enough=six_are_at_work)
    assert code == 0, errors
    assert "Traceback" not in errors
    assert {("WS", "connect"), ("WSC", "work"), ("WSE", "ask_me"), ("WSR", "question")} <= stats.keys()
    assert int(stats["WSC", "work"]["Request Count"]) >= 30
    assert stats["", "Aggregated"]["Failure Count"] == "0"
    assert server.wait_for(disconnect=6)["connect"] == 6
    assert {record["reason"] for record in server.records("disconnect")} == {"client disconnect"}


def test_failures_are_failures(server, tmp_path):
    """A call that is not answered in time is a failed request, and Locust's exit code says so."""
    code, _, stats = run_locust(server, tmp_path, "--tags", "wrong", enough=lambda stats: ("WSC", "slow") in stats)
    assert code == 1
    slow = stats["WSC", "slow"]
    assert slow["Failure Count"] == slow["Request Count"] != "0"
    assert "slow was not acknowledged within 0.01 s" in (tmp_path / "out_failures.csv").read_text()
    server.wait_for(disconnect=6)


@pytest.mark.slow
def test_it_runs_under_locusts_own_master_and_workers(server, tmp_path):
    """Two workers that somebody started, and a master: six users between them, statistics in one place."""
    (tmp_path / "users.py").write_text(USERS)
    port = str(free_port())
    worker = [*LOCUST, "--worker", "--master-port", port, "--tags", "right"]
    workers = [subprocess.Popen(worker, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        options = ("--tags", "right", "--master", "--expect-workers", "2", "--master-bind-port", port)
        code, errors, stats = run_locust(server, tmp_path, *options, enough=six_are_at_work)
        assert code == 0, errors
        for each in workers:
            _, errors = each.communicate(timeout=20)
            assert "Traceback" not in errors
    finally:
        for each in workers:
            each.kill()
    assert stats["WS", "connect"]["Request Count"] == "6"
    assert stats["", "Aggregated"]["Failure Count"] == "0"
    assert server.wait_for(disconnect=6)["connect"] == 6


SHAPED = """
from locust import LoadTestShape, constant, events, task
from soakproof.load import SocketIOUser

@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--cup", default="tea")

class Person(SocketIOUser):
    wait_time = constant(0.1)

    def on_start(self):
        self.options = self.options.__class__(auth={"cup": self.environment.parsed_options.cup})
        super().on_start()

    @task
    def work(self):
        self.call("work", self.environment.parsed_options.cup)

class Day(LoadTestShape):
    def tick(self):
        seconds = self.get_run_time()
        return (2, 10) if seconds < 1.5 else (5, 10) if seconds < 3 else (1, 10) if seconds < 4.5 else None
"""


@pytest.mark.slow
def test_shapes_and_custom_arguments_are_locusts(server, tmp_path):
    """A LoadTestShape says how many users there are and when it ends; an argument of the file's own reaches users."""
    code, errors, stats = run_locust(server, tmp_path, "--cup", "coffee", users=SHAPED)
    assert code == 0, errors
    assert stats["WS", "connect"]["Request Count"] == "5"
    assert server.wait_for(disconnect=5)["connect"] == 5
    assert {record["data"] for record in server.records("work")} == {"coffee"}
    assert {record["auth"]["cup"] for record in server.records("connect")} == {"coffee"}
    whats = [record["what"] for record in server.records() if record["what"] in {"connect", "disconnect"}]
    assert whats == ["connect"] * 5 + ["disconnect"] * 5


LATE = """
import time
from locust import constant, task
from soakproof.load import SocketIOUser

class Late(SocketIOUser):
    wait_time = constant(1)

    def on_start(self):
        self.assign("close", time.perf_counter() - 50, 1, 0)
        super().on_start()

    @task
    def work(self):
        self.call("work", 1)
"""


def test_latency_counts_from_when_a_connection_should_have_begun(server, tmp_path):
    """What began 50 s late took 50 s longer; what is done after it is timed by itself."""
    _, _, stats = run_locust(server, tmp_path, users=LATE, enough=lambda stats: ("WSC", "work") in stats)
    assert 50_000 <= float(stats["WS", "connect"]["Min Response Time"]) < 100_000
    assert float(stats["WSC", "work"]["Max Response Time"]) < 50_000
