"""Workers on two hosts, made of network namespaces: they share a wave, and one that is cut off in it ends the run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Any

import pytest

from soakproof.errors import LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes.locust_load import LocustLoad
from tests.programs import need
from tests.unit.load.load_server import free_port, serve, wait_until

NET = f"10.213.{os.getpid() % 250}"  # tests of several checkouts may run at the same time
HERE = f"{NET}.1"
TAG = f"sp{os.getpid() % 100_000}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: only root makes network namespaces"),
]


def ip(*words):
    done = subprocess.run([need("ip"), *words], capture_output=True, text=True, check=False)
    if done.returncode and "Operation not permitted" in done.stderr:
        pytest.skip("this container may not make network namespaces")
    assert not done.returncode, f"ip {' '.join(words)}: {done.stderr}"


@contextlib.contextmanager
def bridged():
    """A bridge that this host has the address HERE on."""
    ip("link", "add", TAG, "type", "bridge")
    try:
        ip("addr", "add", f"{HERE}/24", "dev", TAG)
        ip("link", "set", TAG, "up")
        yield
    finally:
        ip("link", "del", TAG)


@contextlib.contextmanager
def host(number):
    """A host plugged into the bridge; yields its name, which its plug has too."""
    name = f"{TAG}h{number}"
    ip("netns", "add", name)
    try:
        ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", name, "master", TAG, "up")
        for command in ("addr add {}/24 dev eth0", "link set eth0 up", "link set lo up"):
            ip("-n", name, *command.format(f"{NET}.{10 + number}").split())
        yield name
    finally:
        ip("netns", "del", name)


@contextlib.contextmanager
def worker(name, port, file):
    """A plain Locust worker on that host."""
    command = [sys.executable, "-m", "locust", "-f", str(file), "--worker", "--master-host", HERE]
    process = subprocess.Popen(
        ["ip", "netns", "exec", name, *command, "--master-port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def far_server(tmp_path):
    """A server that listens on the bridge."""
    with bridged(), serve("load_logging_app:app", tmp_path, host=HERE) as server:
        yield server


@pytest.fixture
def two_hosts(far_server, tmp_path):
    """A load with a worker on each of two hosts, ready; and the names of the hosts."""
    file, port = tmp_path / "users.py", free_port(HERE)
    file.write_text("from soakproof.load.users.churn import ChurnUser\n")
    with contextlib.ExitStack() as stack:
        names = [stack.enter_context(host(number)) for number in (1, 2)]
        for name in names:
            stack.enter_context(worker(name, port, file))
        options = ClientOptions(joins=(("work", {"a": 1}),))
        bind: dict[str, Any] = {"master_bind": f"{HERE}:{port}", "expect_workers": 2}
        load = LocustLoad(far_server.url, tmp_path / "locust.log", options=options, **bind)
        stack.callback(load.stop)
        load.start()
        yield load, names


def order(**changes):
    return Order(**{"index": 1, "phase": "wave", "clients": 40, "drops": {"close": 1.0}, **changes})


def test_workers_on_two_hosts_make_one_wave(two_hosts, far_server):
    """Half of the clients come from each host, and all leave together."""
    load, _ = two_hosts
    load.begin(order())
    wait_until(lambda: load.progress().is_done, 30)
    tally = load.tally()
    assert (tally.opened, tally.peak_clients, tally.failures, tally.dropped) == (40, 40, 0, {"close": 40})
    far_server.wait_for(disconnect=40)
    whats = [record["what"] for record in far_server.records() if record["what"] in {"connect", "disconnect"}]
    assert whats.index("disconnect") == 40


def test_a_host_that_is_cut_off_in_a_wave_ends_it(two_hosts, far_server):
    """The wave is not carried out smaller: it is an error that names the worker, and the other's clients leave."""
    load, names = two_hosts
    load.begin(order(clients=400, rate=25.0))
    wait_until(lambda: load.progress().open >= 20, 30)
    ip("link", "set", names[1], "down")
    with pytest.raises(LoadError, match=r"Locust worker \S+ was lost in wave 1; the wave is short of its clients"):
        wait_until(lambda: load.progress().is_done, 30)
    counts = far_server.counts()
    wait_until(lambda: far_server.counts()["disconnect"] >= counts["connect"] // 2, 10)
