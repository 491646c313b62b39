"""Held waves on a real server: what grows per event while the same clients stay, through Locust and through --load."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

import pytest

from tests.apps import held_chat
from tests.e2e.commands import soak_served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CLIENTS, EVENTS, WAVES, WARMUP = 20, 100, 7, 2
APPS = Path(__file__).parents[1] / "apps"
SHORT = ["--clients", CLIENTS, "--events", EVENTS, "--waves", WAVES, "--warmup", WARMUP, "--drain", 2]
JOINS = {name: f'{name}={{"room": "lobby"}}' for name in ("ask", "tell", "keep", "keep_recent")}

USERS = """
from locust import constant, task

from soakproof.load import SocketIOUser


class Talker(SocketIOUser):
    wait_time = constant(1)

    @task
    def talk(self):
        self.emit("keep", {"room": "lobby"})
        self.call("tell", {"room": "lobby"})
"""

COMMAND = """
import sys

import socketio

url, clients = sys.argv[1], int(sys.argv[2])
held = []
for _ in range(clients):
    client = socketio.Client()
    client.connect(url, transports=["websocket"])
    held.append(client)
for line in sys.stdin:
    events = int(line.split()[1])
    for number in range(events):
        held[number % clients].call(sys.argv[3], {"room": "lobby"})
    print("done", events, flush=True)
for client in held:
    client.disconnect()
"""


def hold(directory, *options):
    server = [sys.executable, "-m", "uvicorn", "held_chat:app", "--app-dir", APPS, "--port", "{port}"]
    return soak_served(directory, ["--held", *SHORT, *options], server, longest_s=380).verdict


def waves_of(directory):
    records = map(json.loads, (directory / "out" / "run.jsonl").read_text().splitlines())
    return [record for record in records if record["record"] == "wave"]


def filling_site(finding):
    site = finding["culprit"]["sites"][0]
    source = inspect.getsource(held_chat).splitlines()[site["line"] - 1]
    return Path(site["file"]).name, source.strip()


def test_callbacks_that_nobody_acknowledges_are_a_leak(tmp_path):
    """One entry per event in the library's callbacks, though the server frees them when the client leaves."""
    verdict = hold(tmp_path, "--drop", "unacked", "--join", JOINS["ask"])
    assert verdict["verdict"] == "leak", verdict["reason"]
    finding = verdict["findings"][0]
    assert (finding["kind"], finding["name"]) == ("library", "manager.callbacks")
    assert finding["per_connection"] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("drop", "join"), [("unacked", "tell"), ("close", "ask")])
def test_without_a_callback_or_with_an_answer_it_is_bounded(tmp_path, drop, join):
    """The same events to the same clients: nothing stays."""
    verdict = hold(tmp_path, "--drop", drop, "--join", JOINS[join])
    assert verdict["verdict"] == "bounded", verdict["reason"]
    bounded = {finding["name"] for finding in verdict["findings"] if finding["verdict"] == "bounded"}
    assert "manager.callbacks" in bounded


def test_the_clients_stay_from_the_first_burst_to_the_parting(tmp_path):
    """They connect once, are all there in each burst and at each rest point, and leave at the end."""
    hold(tmp_path, "--join", JOINS["tell"])
    first, *bursts, parting = waves_of(tmp_path)
    assert (first["opened"], parting["dropped"]) == (CLIENTS, {"close": CLIENTS})
    assert [burst["opened"] for burst in bursts] == [0] * len(bursts)
    assert {burst["events"] for burst in (first, *bursts)} == {EVENTS}
    assert {burst["peak_clients"] for burst in (first, *bursts)} == {CLIENTS}


def test_a_history_of_a_room_is_named_with_its_line(tmp_path):
    """A list within a dictionary that gains one entry per message, by users of a Locust file."""
    (tmp_path / "users.py").write_text(USERS)
    verdict = hold(tmp_path, "-f", "users.py")
    assert verdict["verdict"] == "leak", verdict["reason"]
    finding = verdict["findings"][0]
    assert finding["name"].startswith("held_chat.history"), finding
    assert finding["per_connection"] == pytest.approx(0.5, abs=0.01)  # every other event is kept
    assert filling_site(finding) == ("held_chat.py", 'history[message["room"]].append(message)')


def test_a_bounded_history_is_bounded(tmp_path):
    """A deque with a maximum is full before the measured bursts begin."""
    verdict = hold(tmp_path, "--join", JOINS["keep_recent"])
    assert verdict["verdict"] == "bounded", verdict["reason"]


@pytest.mark.parametrize(("event", "expected"), [("keep", "leak"), ("keep_recent", "bounded")])
def test_a_command_that_stays_is_asked_for_bursts(tmp_path, event, expected):
    """Through --load: the command runs once, gets `wave N` on its input, and answers `done N`."""
    (tmp_path / "clients.py").write_text(COMMAND)
    verdict = hold(tmp_path, "--load", f"{sys.executable} clients.py {{url}} {{clients}} {event}")
    assert verdict["verdict"] == expected, verdict["reason"]
    assert waves_of(tmp_path)[-1]["dropped"] == {"command": CLIENTS}
