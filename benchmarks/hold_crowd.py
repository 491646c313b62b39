"""10,000 clients on one machine (make bench-hold): connected at once, held through two ping intervals, all dropped.

Against the reference server with its own ping times. Fails unless none is lost, the generator keeps at most 12 KiB per
client, and each of the library's registries in the target is empty after.

    python -m benchmarks.hold_crowd [CLIENTS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Load, Order
from soakproof.load.processes.limits import check_fds, raise_fd_limit
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.measure.observer import Observer, make_clock
from soakproof.measure.settle import Ping
from soakproof.metrickinds import CLIENTS_METRIC
from soakproof.run.assembly import read_ping
from soakproof.run.stopping import stopped_at_the_end
from soakproof.samples import Tally
from soakproof.target.started import StartedTarget

SERVER = [sys.executable, "-m", "server", "--port", "{port}"]
URL = "http://127.0.0.1:{port}"
CLIENTS = 10_000
FEW = 100
MAX_CLIENT_BYTES = 12 * 1024
PING_INTERVALS = 2
CONNECT_TIMEOUT_S = 60.0  # what is shown is who stays, not how fast a busy machine lets them in
PER_CONNECTION = (
    "eio.sockets",
    "manager.rooms",
    "environ",
    "manager.callbacks",
    "manager.eio_to_sid",
    "_binary_packet",
)


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def carry_out(load: Load, index: int, clients: int, events: int | None) -> Tally:
    """Have an order carried out and return its account."""
    load.begin(Order(index=index, phase="held", clients=clients, drops={"close": 1.0}, events=events))
    while not load.progress().is_done:
        time.sleep(0.1)
    return load.tally()


def wait_until_empty(observer: Observer, ping: Ping) -> dict[str, float]:
    """Return what each registry still holds, once all are empty or should long have been."""
    deadline_s = time.monotonic() + ping.limit_s
    while True:
        counters = observer.counters()
        left = {name: counters.get(f"library:{name}", 0.0) for name in PER_CONNECTION}
        if not any(left.values()) or time.monotonic() > deadline_s:
            return left
        time.sleep(0.5)


def hold(load: Load, observer: Observer, clients: int) -> int:
    """Hold so many clients, print what was seen, return how many of the demands were not met."""
    ping = read_ping(observer.links())
    few = carry_out(load, 1, FEW, None)  # what comes with the first clients is not theirs
    opened = carry_out(load, 2, clients, clients)
    in_target = observer.counters()[CLIENTS_METRIC]
    say(f"{opened.opened:,} opened in {opened.opened / opened.rate_achieved:.1f} s, {opened.failures} failures")
    held_s = PING_INTERVALS * ping.interval_s + 1
    time.sleep(held_s)
    after = observer.counters()[CLIENTS_METRIC]
    parted = carry_out(load, 3, clients, 0)
    left = wait_until_empty(observer, ping)
    client_bytes = (opened.generator_rss_bytes - few.generator_rss_bytes) / clients
    say(f"sockets in the target: {in_target:,.0f}; after {held_s:g} s (ping every {ping.interval_s:g} s): {after:,.0f}")
    say(f"dropped: {parted.dropped}, failures {parted.failures}; generator: {client_bytes / 1024:.1f} KiB per client")
    say(f"left in the target's registries: {left}")
    demands = (
        opened.opened == opened.peak_clients == clients,
        in_target == after == clients,
        parted.dropped == {"close": clients} and not parted.failures,
        client_bytes <= MAX_CLIENT_BYTES,
        not any(left.values()),
    )
    return demands.count(False)


def main() -> None:
    """Hold them, and fail if anything was not as it should be."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else CLIENTS
    check_fds(clients, raise_fd_limit())
    with tempfile.TemporaryDirectory() as scratch:
        target = StartedTarget(SERVER, URL, Path(scratch) / "target.log", 30.0)
        options = ClientOptions(timeout_s=CONNECT_TIMEOUT_S)
        load = LocustLoad(target.url, Path(scratch) / "locust.log", options=options)
        (Path(scratch) / "locust.log").touch()
        with stopped_at_the_end(load, target):
            load.start()
            target.start()
            sys.exit(hold(load, Observer(target.links, make_clock()), clients))


if __name__ == "__main__":
    main()
