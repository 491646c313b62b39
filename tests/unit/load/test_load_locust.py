"""LocustLoad from end to end: a Locust of its own against a real server."""

import socket
import time
from collections import Counter

import psutil
import pytest

from soakproof.errors import ConfigError, LoadError, LocustfileError
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.processes.control import Status
from soakproof.load.processes.locust_load import LocustLoad
from tests.unit.load.load_server import wait_until

STATUS_EVERY_S = 0.1
JOINS = ClientOptions(joins=(("work", {"a": 1}),))


@pytest.fixture
def launch(server, tmp_path):
    loads = []

    def start(**arguments):
        load = LocustLoad(server.url, tmp_path / "locust.log", **{"options": JOINS, **arguments})
        loads.append(load)
        load.start()
        return load

    yield start
    for load in loads:
        load.stop()


def carry_out(load, **order):
    load.begin(Order(**{"index": 0, "phase": "wave", "drops": {"close": 1.0}, **order}))
    wait_until(lambda: load.progress().is_done, 30)
    return load.tally()


def test_a_wave_is_what_the_server_saw(launch, server):
    """A wave with two drop modes: every count agrees with the server's own log."""
    tally = carry_out(launch(), clients=50, drops={"close": 3, "graceful": 2})
    assert (tally.intended, tally.opened, tally.peak_clients) == (50, 50, 50)
    assert tally.dropped == {"close": 30, "graceful": 20}
    assert (tally.failures, tally.errors, tally.events) == (0, {}, 50)
    seen = server.wait_for(disconnect=50)
    assert (seen["connect"], seen["work"], seen["disconnect"]) == (50, 50, 50)
    reasons = [record["reason"] for record in server.records("disconnect")]
    assert reasons.count("client disconnect") == 20
    assert tally.latency_s.keys() == {"p50", "p95", "p99", "max"}
    assert tally.cpu_s > 0
    assert tally.generator_rss_bytes > 1e7


def test_all_clients_of_a_wave_are_open_at_once(launch, server):
    """The server hears no client leave before the last one has come and worked."""
    carry_out(launch(), clients=30)
    server.wait_for(disconnect=30)
    whats = [record["what"] for record in server.records() if record["what"] in {"connect", "work", "disconnect"}]
    assert whats.index("disconnect") == 60


def test_silent_clients_come_first_and_go_when_they_have_worked(launch, server):
    """They are gone before the last of the others has come, and all are in the account."""
    drops = {"close": 2, "polling": 1}
    tally = carry_out(launch(), clients=30, rate=10.0, drops=drops, silent_first=True)
    assert (tally.opened, tally.dropped, tally.failures) == (30, {"close": 20, "polling": 10}, 0)
    assert 20 <= tally.peak_clients < 30
    assert server.wait_for(connect=30, work=30, disconnect=20)["connect"] == 30


def test_a_storm_comes_back_once_and_is_counted_twice(launch, server):
    """Each client of the mode makes two connections, and both are in the account; the others make one."""
    tally = carry_out(launch(), clients=20, drops={"storm": 1, "close": 1})
    assert (tally.intended, tally.opened, tally.peak_clients) == (30, 30, 20)
    assert tally.dropped == {"storm": 20, "close": 10}
    assert server.wait_for(disconnect=30)["connect"] == 30


def test_every_mode_at_once_is_counted_exactly(launch, hasty_server, tmp_path):
    """All modes in one wave: the account has each client under its own mode, and no failure."""
    modes = [mode for mode in MODES if mode != "page-only"]  # that one wants a page
    load = LocustLoad(hasty_server.url, tmp_path / "all.log", options=JOINS)
    load.start()
    try:
        tally = carry_out(load, clients=3 * len(modes), drops=dict.fromkeys(modes, 1.0))
    finally:
        load.stop()
    assert tally.dropped == {**dict.fromkeys(modes, 3), "storm": 6, "reconnect": 6}
    assert (tally.intended, tally.opened, tally.failures) == (63, 63, 0)
    assert hasty_server.wait_for(connect=72, disconnect=69)["connect"] == 72  # two modes never get that far
    frames = Counter(record["text"].partition("[")[0] for record in hasty_server.records("frame"))
    assert (frames["41"], frames["451-"], frames["2probe"]) == (
        3 + 15,
        3,
        3,
    )  # graceful, rejoin; mid-binary; upgrade-abort
    reasons = Counter(record["reason"] for record in hasty_server.records("disconnect"))
    assert reasons.total() == 69  # all but those refused
    assert reasons["client disconnect"] == 3 + 15
    assert [record["auth"] for record in hasty_server.records("connect")].count({"token": "refused"}) == 3
    cut = [record for record in hasty_server.records("closed") if record["code"] in {1005, 1006}]
    assert len(cut) >= 3 + 6  # reset and storm say no farewell
    polls = [record for record in hasty_server.records("request") if record["query"] == "EIO=4&transport=polling"]
    assert len(polls) == 3 + 3 + 3  # half-open, upgrade-abort, polling


USERS = """
from locust import constant, task
from soakproof.load import SocketIOUser

class Quick(SocketIOUser):
    weight = 3
    wait_time = constant(60)

    @task
    def work(self):
        self.call("work", "quick")

class Clumsy(SocketIOUser):
    wait_time = constant(60)

    def on_stop(self):
        pass

    @task
    def work(self):
        self.emit("work", "clumsy")
        raise ValueError("dropped the cup")

class Hasty(SocketIOUser):
    wait_time = constant(60)

    @task
    def work(self):
        self.call("slow", timeout_s=0.05)
"""


def test_users_of_a_locustfile_share_the_clients_by_weight(launch, server, tmp_path):
    """By weight, each working once; an error in a task counts once; a careless on_stop leaks nothing."""
    file = tmp_path / "users.py"
    file.write_text(USERS)
    tally = carry_out(launch(locustfile=str(file)), clients=15)
    assert (tally.opened, tally.dropped) == (15, {"close": 15})
    late = "WSC slow: slow was not acknowledged within 0.05 s"
    assert (tally.failures, tally.errors) == (6, {"ValueError: dropped the cup": 3, late: 3})
    server.wait_for(disconnect=15, work=12)
    assert [record["data"] for record in server.records("work")].count("quick") == 9


HOOKS = """
from locust import events, task
from soakproof.load import SocketIOUser

@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--cup", default="tea")

@events.test_start.add_listener
def note(environment, **_):
    open("started", "w").write(environment.parsed_options.cup)

class Person(SocketIOUser):
    @task
    def work(self):
        self.call("work", self.environment.parsed_options.cup)
"""


def test_a_locustfile_has_its_listeners_and_arguments(launch, server, tmp_path, monkeypatch):
    """What Locust's users rely on outside of user classes works: events, custom arguments with their defaults."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "users.py"
    file.write_text(HOOKS)
    assert carry_out(launch(locustfile="users.py"), clients=1).failures == 0
    assert (tmp_path / "started").read_text() == "tea"
    assert server.records("work")[0]["data"] == "tea"


def test_a_steady_phase_turns_clients_over_at_its_rate(launch, server):
    """Arrivals are paced, all leave, and never more are open than rate times stay allows."""
    load = launch()
    began = time.monotonic()
    tally = carry_out(load, clients=60, phase="steady", rate=40.0, seconds=1.5, stay_s=0.5)
    assert time.monotonic() - began > 1.4
    assert (tally.opened, tally.dropped) == (60, {"close": 60})
    assert tally.peak_clients < 45
    assert tally.rate_achieved == pytest.approx(40, rel=0.15)
    server.wait_for(disconnect=60)


def test_stopping_in_the_middle_leaves_nothing(launch, server, tmp_path):
    """With clients open, stop() closes everything within 2 s, and the process is gone."""
    load = launch()
    load.begin(Order(index=0, phase="steady", clients=1000, rate=100.0, seconds=10.0, stay_s=10.0, drops={"close": 1}))
    wait_until(lambda: load.progress().open >= 50)
    pid = load._process.pid
    began = time.monotonic()
    load.stop()
    assert time.monotonic() - began < 2.0
    assert not psutil.pid_exists(pid)
    wait_until(lambda: server.counts()["disconnect"] == server.counts()["connect"])
    load.stop()


def test_a_status_to_a_conductor_that_is_gone_is_no_traceback(launch, tmp_path):
    """What the generator was about to say when the conductor left ends up nowhere, and not in the user's log."""
    load = launch()
    load.begin(Order(index=0, phase="steady", clients=1000, rate=100.0, seconds=10.0, stay_s=10.0, drops={"close": 1}))
    wait_until(lambda: load.progress().open >= 10)
    generator = psutil.Process(load._process.pid)
    generator.suspend()
    time.sleep(2 * STATUS_EVERY_S)  # it wakes to a status that is due, and to nobody there
    load._channel.shutdown(socket.SHUT_RDWR)
    generator.resume()
    load.stop()
    assert "Traceback" not in (tmp_path / "locust.log").read_text()


def test_a_server_that_is_not_there_shows_in_the_tally(tmp_path):
    """Clients that could not connect are failures, opened stays at 0, and the message says why."""
    load = LocustLoad("http://127.0.0.1:9", tmp_path / "locust.log")
    load.start()
    try:
        tally = carry_out(load, clients=10)
    finally:
        load.stop()
    assert (tally.intended, tally.opened, tally.failures, tally.dropped) == (10, 0, 10, {})
    assert tally.errors == {"WS connect: Connection refused": 10}


def test_a_locustfile_that_does_not_load_is_one_sentence(launch, tmp_path):
    """The error names file, line, type and message, and holds no traceback."""
    file = tmp_path / "users.py"
    file.write_text("import soakproof\n\n1 / 0\n")
    with pytest.raises(LocustfileError, match=rf"^{file}:3: ZeroDivisionError: division by zero$"):
        launch(locustfile=str(file))


def test_a_dead_generator_is_an_error_with_its_last_words(launch):
    """When the generator is killed, progress says so instead of waiting forever."""
    load = launch()
    load.begin(Order(index=0, phase="wave", clients=5, drops={"close": 1}, rate=1.0))
    psutil.Process(load._process.pid).kill()
    with pytest.raises(LoadError, match=r"load generator died \(exit -9\)"):
        wait_until(lambda: load.progress().is_done)


def test_a_late_status_does_not_undo_the_end_of_an_order(launch):
    """A report on its way when the order ended is no news."""
    load = launch()
    carry_out(load, clients=1)
    load._take(Status(Progress(opened=1, open=1)))
    assert load.progress().is_done


def test_held_clients_stay_and_work_in_bursts(launch, server):
    """The first burst opens them, each burst is so many events, the last has them leave; nobody else comes or goes."""
    load = launch()
    held = {"phase": "held", "clients": 10}
    first = carry_out(load, **held, events=10)
    assert (first.intended, first.opened, first.events, first.peak_clients) == (10, 10, 10, 10)
    second = carry_out(load, **held, events=25)
    assert load.progress().open == 10
    assert (second.intended, second.opened, second.events, second.peak_clients) == (0, 0, 25, 10)
    assert server.wait_for(work=35)["connect"] == 10
    assert not server.records("disconnect")
    last = carry_out(load, **held, events=0)
    assert (last.opened, last.dropped, last.failures) == (0, {"close": 10}, 0)
    server.wait_for(disconnect=10)
    assert carry_out(load, clients=3).dropped == {"close": 3}


def test_an_unknown_drop_mode_is_refused_by_name(launch):
    """The sentence proposes the mode that was meant."""
    with pytest.raises(ConfigError, match="no such drop mode; did you mean 'graceful'"):
        launch().begin(Order(index=0, phase="wave", clients=1, drops={"gracefull": 1}))
