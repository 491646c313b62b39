"""Several Locust workers: one wave, with one boundary, exact counts, and nobody lost unnoticed."""

import subprocess
import sys
import time
from typing import Any

import psutil
import pytest

from soakproof.errors import LoadError, LocustfileError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from tests.unit.load.load_server import free_port, wait_until

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


def workers_of(load):
    return [child for child in psutil.Process(load._process.pid).children() if "--worker" in child.cmdline()]


def test_two_workers_make_one_wave(launch, server):
    """Counts are exact over both, and no client leaves before the last one of either has come and worked."""
    load = launch(workers=2)
    assert len(workers_of(load)) == 2
    for index in (1, 2):
        server.forget()
        tally = carry_out(load, index=index, clients=31, drops={"close": 2, "graceful": 1})
        assert (tally.intended, tally.opened, tally.peak_clients, tally.events) == (31, 31, 31, 31)
        assert (tally.dropped, tally.failures) == ({"close": 21, "graceful": 10}, 0)
        server.wait_for(disconnect=31)
        whats = [record["what"] for record in server.records() if record["what"] in {"connect", "work", "disconnect"}]
        assert whats.index("disconnect") == 62
    assert tally.latency_s["max"] >= tally.latency_s["p50"] > 0
    steady = carry_out(load, index=3, phase="steady", clients=30, rate=30.0, seconds=1.0, stay_s=0.3)
    assert (steady.opened, steady.dropped) == (30, {"close": 30})


@pytest.mark.parametrize("workers", [0, 2])
def test_bytes_in_what_clients_join_with_arrive_as_bytes(launch, server, workers):
    """They are written in base64 in the options, as JSON has none, and sent as what they are, by workers too."""
    load = launch(workers=workers, options=ClientOptions(joins=(("work", {"$bytes": "AAH/"}),)))
    assert carry_out(load, clients=2).failures == 0
    server.wait_for(work=2)
    assert [record["data"] for record in server.records("work")] == [repr(b"\0\1\xff")] * 2


def test_two_workers_hold_clients_and_share_each_burst(launch, server):
    """So many events in all, not by each of them; the clients of both stay, and leave together."""
    load = launch(workers=2)
    held = {"clients": 11, "drops": {"close": 1}}
    first, second = (
        carry_out(load, index=index, phase="held", events=events, **held) for index, events in ((1, 31), (2, 8))
    )
    assert (first.opened, first.events, second.opened, second.events) == (11, 31, 0, 8)
    assert load.progress().open == 11
    assert not server.records("disconnect")
    assert carry_out(load, index=3, phase="drain", events=0, **held).dropped == {"close": 11}
    server.wait_for(disconnect=11)


@pytest.mark.slow
def test_a_lost_worker_ends_the_wave(launch, server):
    """A worker killed in the middle of a wave is an error that names it; the other's clients are closed."""
    load = launch(workers=2)
    load.begin(Order(index=7, phase="wave", clients=400, drops={"close": 1}, rate=20.0))
    wait_until(lambda: load.progress().open >= 10, 20)
    workers_of(load)[0].kill()
    with pytest.raises(LoadError, match=r"Locust worker \S+ was lost in wave 7"):
        wait_until(lambda: load.progress().is_done, 20)
    wait_until(lambda: server.counts()["disconnect"] == server.counts()["connect"])


@pytest.mark.slow
def test_stopping_ends_the_workers_too(launch, server):
    """In the middle of a wave, within 2 s: no process and no client is left."""
    load = launch(workers=2)
    load.begin(Order(index=1, phase="wave", clients=400, drops={"close": 1}, rate=50.0))
    wait_until(lambda: load.progress().open >= 20, 20)
    processes = [psutil.Process(load._process.pid), *workers_of(load)]
    began = time.monotonic()
    load.stop()
    assert time.monotonic() - began < 2.0
    wait_until(lambda: not any(process.is_running() for process in processes), 2)
    wait_until(lambda: server.counts()["disconnect"] == server.counts()["connect"])


@pytest.mark.slow
def test_workers_do_not_outlive_a_generator_that_was_killed(launch):
    """stop() ends them, though nobody told them to end."""
    load = launch(workers=2)
    workers = workers_of(load)
    psutil.Process(load._process.pid).kill()
    with pytest.raises(LoadError, match=r"died \(exit -9\)"):
        wait_until(lambda: load.progress().is_done)
    wait_until(lambda: not any(worker.is_running() for worker in workers), 2)


@pytest.mark.slow
def test_a_plain_locust_worker_takes_part(server, tmp_path):
    """A worker that somebody starts by hand, with Locust's own command, gets its share."""
    port, file = free_port(), tmp_path / "users.py"
    file.write_text("from soakproof.load.users.churn import ChurnUser\n")
    command = [sys.executable, "-m", "locust", "-f", str(file), "--worker", "--master-port", str(port)]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bind: dict[str, Any] = {"master_bind": f"127.0.0.1:{port}", "workers": 1, "expect_workers": 2}
    load = LocustLoad(server.url, tmp_path / "locust.log", options=JOINS, **bind)
    try:
        load.start()
        assert carry_out(load, clients=20).opened == 20
        server.wait_for(work=20)
    finally:
        load.stop()
        worker.kill()
        worker.wait()


def test_a_locustfile_that_does_not_load_is_found_before_workers_are_started(launch, tmp_path):
    """The same sentence as with one process."""
    file = tmp_path / "users.py"
    file.write_text("import nowhere\n")
    with pytest.raises(LocustfileError, match="users.py:1: ModuleNotFoundError"):
        launch(locustfile=str(file), workers=2)
