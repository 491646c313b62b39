"""Watching memory: samples, gaps, alerts, what they set off, and the schedule behind it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from server.app import Server
from server.monitor.alerts import MB, Alerts, rules_for
from server.monitor.history import History
from server.monitor.monitor import Monitor
from server.monitor.reading import read_all
from server.options import Options
from server.schedule import repeat
from tests.server.world import HandClock, RecordingEmitter, World, until


def test_a_day_of_minutes_is_kept():
    """The ring keeps the last 1,440 samples, in order."""
    history = History(("at_s",))
    for minute in range(2_000):
        history.append({"at_s": minute})
    assert history.column("at_s") == list(range(560, 2_000))
    assert history.column("at_s", last=2) == [1_998, 1_999]


def test_a_failed_reading_is_a_gap_and_never_a_zero():
    """A reading that fails is null among its neighbours; the others of that sample are there."""

    def fail():
        raise OSError("no /proc")

    history = History(("good", "bad"))
    history.append(read_all({"good": lambda: 1.0, "bad": fail}))
    history.append({"good": 2.0, "bad": 3.0})
    assert history.to_wire() == {"good": [1.0, 2.0], "bad": [None, 3.0]}


def test_the_ring_takes_all_its_memory_at_the_start():
    """A full day of samples makes no object that was not there before."""
    import gc

    history = History(("at_s", "rss_bytes"))
    history.append({"at_s": 1.0})
    gc.collect()
    before = len(gc.get_objects())
    for minute in range(1_440):
        history.append({"at_s": float(minute), "rss_bytes": float(minute)})
    assert len(gc.get_objects()) - before < 10


class Watched:
    """A monitor of a domain whose memory is what a test says."""

    def __init__(self, **more):
        self.world = World()
        self.memory = {"rss_bytes": 100.0 * MB}
        self.emitter = RecordingEmitter()
        self.emitter.rooms["app:alerts"] = {"watcher"}
        cleanup = self.world.domain.cleanup
        bounds = rules_for({"document_locks": 2})
        readings = {"rss_bytes": lambda: self.memory["rss_bytes"], "system_percent": lambda: 10.0}
        self.monitor = Monitor(
            self.world.clock, self.count, cleanup, Alerts(bounds), self.emitter, readings=readings, **more
        )

    def count(self):
        return self.world.counts()

    def sample(self, times=1):
        async def take():
            for _ in range(times):
                self.world.clock.advance(60)
                await self.monitor.sample()

        asyncio.run(take())


def test_an_alert_is_sent_to_its_room_and_counted():
    """Raised and cleared, an alert reaches the ``alerts`` room each time, with its value and threshold."""
    watched = Watched()
    watched.memory["rss_bytes"] = 2_000.0 * MB
    watched.sample(3)
    watched.memory["rss_bytes"] = 100.0 * MB
    watched.sample()
    assert watched.emitter.events("watcher") == ["alert_raised", "alert_cleared"]
    [raised] = watched.emitter.payloads("watcher", "alert_raised")
    assert (raised["name"], raised["value"], raised["threshold"]) == ("process_memory", 2_000 * MB, 1024 * MB)
    assert watched.monitor.alerts.states["process_memory"].times_raised == 1


def test_short_memory_sets_off_the_cleanup():
    """Near the process's threshold the cleanup runs, with all its steps."""
    watched = Watched()
    watched.world.registries.sessions.create()
    watched.world.clock.advance(7_201)
    watched.sample()
    assert watched.world.counts()["sessions"] == 1
    watched.memory["rss_bytes"] = 900.0 * MB
    watched.sample()
    assert watched.world.counts()["sessions"] == 0
    assert watched.world.audit.records[-1].trigger == "memory"


def test_a_registry_above_its_bound_raises_an_alert():
    """Three locks are above a bound of two."""
    watched = Watched()

    async def lock():
        await watched.world.connect("s1")
        for number in range(3):
            await watched.world.send("s1", "lock_document", {"document_id": f"d{number}"})

    asyncio.run(lock())
    watched.sample()
    assert [state.rule.name for state in watched.monitor.alerts.active()] == ["registry_document_locks"]


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    posted: list[dict] = []  # noqa: RUF012 -- the handler's class is all the server lets us have

    def do_POST(self):
        self.posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_an_alert_is_posted_to_the_webhook():
    """The webhook gets the alert as JSON."""
    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        serving = threading.Thread(target=hook.handle_request)
        serving.start()
        watched = Watched(webhook=f"http://127.0.0.1:{hook.server_address[1]}/alerts")
        watched.memory["rss_bytes"] = 2_000.0 * MB
        watched.sample()
        serving.join(timeout=10)
    assert [(post["event"], post["name"]) for post in Hook.posted] == [("alert_raised", "process_memory")]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "file:///etc/passwd", "no url"])
def test_a_webhook_that_fails_stops_nothing(url):
    """An alert whose webhook cannot be reached is raised all the same."""
    watched = Watched(webhook=url)
    watched.memory["rss_bytes"] = 2_000.0 * MB
    watched.sample()
    assert watched.emitter.events("watcher") == ["alert_raised"]


def test_sampling_does_not_stop_the_event_loop():
    """While a slow reading is taken, the loop goes on."""

    async def sample():
        watched = Watched()
        watched.monitor._readings = {"rss_bytes": slowly}
        sampling = asyncio.ensure_future(watched.monitor.sample())
        turned = 0
        while not sampling.done():
            await asyncio.sleep(0.005)
            turned += 1
        return turned

    def slowly():
        time.sleep(0.2)
        return 1.0

    assert asyncio.run(sample()) > 10


def test_repeated_work_survives_its_failures():
    """Work that fails costs its turn, and comes round again."""

    async def run():
        turns = []

        async def work():
            turns.append(1)
            if len(turns) == 1:
                raise RuntimeError("planned")

        task = asyncio.ensure_future(repeat(HandClock(), 0.0, work, min_real_s=0.001))
        await until(lambda: len(turns) >= 3)
        task.cancel()
        return len(turns)

    assert asyncio.run(run()) >= 3


@pytest.mark.parametrize(("speed", "pause_s"), [(1, 60.0), (60, 1.0), (1e9, 0.05)])
def test_a_fast_clock_does_not_fill_the_event_loop(speed, pause_s, monkeypatch):
    """Work comes round by the clock, but however fast that is, no more than twenty times a second."""
    pauses = []

    async def note(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            raise asyncio.CancelledError

    async def work():
        pass

    clock = HandClock()
    clock.real_s = lambda seconds: seconds / speed
    monkeypatch.setattr("server.schedule.asyncio", SimpleNamespace(sleep=note))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(repeat(clock, 60.0, work))
    assert pauses == [pause_s] * 3


def test_loggers_have_decided_before_clients_come():
    """No logger has a level left to decide on once the server has started."""

    async def run():
        server = Server()
        await server.start()
        await server.stop()
        return len(logging.getLogger("engineio.server")._cache)

    assert asyncio.run(run()) == 5


def test_nothing_runs_after_the_server_has_stopped():
    """Starting and stopping leaves no task and no thread of ours."""

    async def run():
        before, threads = asyncio.all_tasks(), set(threading.enumerate())
        server = Server(Options(clock_speed=1_000))
        await server.start()
        await server.monitor.sample()
        assert len(asyncio.all_tasks()) > len(before)
        await server.stop()
        await until(lambda: set(threading.enumerate()) <= threads)
        return asyncio.all_tasks() - before

    assert asyncio.run(run()) == set()
