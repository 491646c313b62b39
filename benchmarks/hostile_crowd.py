"""The reference server among 10,000 hostile clients (make bench-hostile): every drop mode at once, for ten minutes.

They send malformed and oversized packets, floods of pongs, read slowly or not at all, and leave in every way that there
is: half of the time by waves of all at once, as fast as the server takes them, then at half of that rate. One client
behaves, and is answered all the time: fails unless none of its calls fails, at half load 99 of 100 are within 250 ms,
the server lives, each of the library's registries is empty after, and the log stays small.

    python -m benchmarks.hostile_crowd [--clients 10000] [--minutes 10]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import socketio

from benchmarks.hold_crowd import SERVER, URL, say, wait_until_empty
from soakproof.load.drops import MODES
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Load, Order
from soakproof.load.processes.limits import check_fds, raise_fd_limit
from soakproof.load.processes.locust_load import LocustLoad
from soakproof.measure.observer import Observer, make_clock
from soakproof.measure.settle import Ping
from soakproof.metrickinds import CLIENTS_METRIC
from soakproof.run.stopping import stopped_at_the_end
from soakproof.samples import Tally
from soakproof.target.started import StartedTarget

PING = Ping(interval_s=5.0, timeout_s=5.0)  # who is silent is gone in ten seconds, so that waves follow each other
ROOM = 1000  # descriptors, beside those of the clients
MOST_P99_S = 0.25
MOST_LOG_BYTES_PER_MINUTE = 1 << 20
HOSTILE = {name: 1.0 for name in MODES if name != "page-only"}  # which asks for a page that this server has not
CALLS_EVERY_S = 0.05
PATIENCE_S = 30.0


class GoodClient:
    """Asks the server who it is, over and over, as one among the others; knows how long each answer took."""

    def __init__(self, url: str) -> None:
        self.took_s: list[float] = []
        self.failures: list[str] = []
        self._url = url
        self._is_wanted = True
        self._thread = threading.Thread(target=self._ask, name="good client")

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; harmless when called twice."""
        self._is_wanted = False
        if self._thread.is_alive():
            self._thread.join()

    def _ask(self) -> None:
        client: Any = socketio.Client(reconnection=False)
        try:
            client.connect(self._url, transports=["websocket"], wait_timeout=PATIENCE_S)
            while self._is_wanted:
                began_s = time.monotonic()
                client.call("identify", timeout=PATIENCE_S)
                self.took_s.append(time.monotonic() - began_s)
                time.sleep(CALLS_EVERY_S)
            client.disconnect()
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is what the client was not spared
            self.failures.append(f"{type(error).__name__}: {error}")


def quantile_s(took_s: list[float], share: float) -> float:
    """Return in what time that share of the calls was answered."""
    return sorted(took_s)[min(int(share * len(took_s)), len(took_s) - 1)] if took_s else float("inf")


def say_quantiles(took_s: list[float]) -> str:
    """Return in what time half, and 99 of 100, of the calls were answered."""
    return f"p50 {1000 * quantile_s(took_s, 0.5):.0f} ms, p99 {1000 * quantile_s(took_s, 0.99):.0f} ms"


def send_at_half_load(load: Load, tallies: list[Tally], took_s: float, seconds: float) -> Tally:
    """Send clients one by one, half as many a second as came by waves; return their account."""
    rate = sum(tally.opened for tally in tallies) / took_s / 2
    say(f"half load: {rate:.0f} hostile clients a second for {seconds / 60:.1f} minutes")
    load.begin(
        Order(
            index=len(tallies) + 1,
            phase="steady",
            clients=int(rate * seconds),
            drops=HOSTILE,
            rate=rate,
            seconds=seconds,
        )
    )
    while not load.progress().is_done:
        time.sleep(0.5)
    return load.tally()


def crowd(load: Load, observer: Observer, clients: int, seconds: float) -> tuple[list[Tally], float]:
    """Send waves of hostile clients until the time is over; return their accounts, and how many were in at once."""
    tallies: list[Tally] = []
    peak, ends_s = 0.0, time.monotonic() + seconds
    while time.monotonic() < ends_s:
        load.begin(Order(index=len(tallies) + 1, phase="wave", clients=clients, drops=HOSTILE, silent_first=True))
        while not load.progress().is_done:
            peak = max(peak, observer.counters().get(CLIENTS_METRIC, 0.0))
            time.sleep(0.5)
        tallies.append(load.tally())
    return tallies, peak


def judge(
    tallies: list[Tally], peak: float, good: GoodClient, full: int, left: dict[str, float], log_bytes: float
) -> int:
    """Print what was seen; return how many of the demands were not met."""
    opened = sum(tally.opened for tally in tallies)
    dropped: dict[str, int] = {}
    for tally in tallies:
        for mode, number in tally.dropped.items():
            dropped[mode] = dropped.get(mode, 0) + number
    say(f"{opened:,} hostile clients in {len(tallies)} waves, {peak:,.0f} in the server at once: {dropped}")
    say(f"the good client: {len(good.took_s):,} calls, {len(good.failures)} failures {good.failures}")
    say(f"  at full load {say_quantiles(good.took_s[:full])}")
    say(f"  at half load {say_quantiles(good.took_s[full:])}, need 250 ms")
    say(f"left in the server's registries: {left}; log: {log_bytes / 1024:.0f} KiB a minute")
    demands = (
        set(dropped) == set(HOSTILE),
        not good.failures and quantile_s(good.took_s[full:], 0.99) <= MOST_P99_S,
        not any(left.values()),
        log_bytes <= MOST_LOG_BYTES_PER_MINUTE,
    )
    return demands.count(False)


def main() -> None:
    """Send them, and fail if anything was not as it should be."""
    parser = argparse.ArgumentParser(prog="make bench-hostile", description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000, help="hostile clients a wave")
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no wave after so long")
    options = parser.parse_args()
    check_fds(options.clients + ROOM, raise_fd_limit())
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "target.log"
        target = StartedTarget(SERVER, URL, log, 30.0)
        (Path(scratch) / "locust.log").touch()
        load = LocustLoad(target.url, Path(scratch) / "locust.log", options=ClientOptions(timeout_s=PATIENCE_S))
        good = GoodClient(target.url)
        with stopped_at_the_end(good, load, target):
            load.start()
            target.start()
            observer = Observer(target.links, make_clock())
            observer.set_ping(PING.interval_s, PING.timeout_s)
            good.start()
            began_s = time.monotonic()
            tallies, peak = crowd(load, observer, options.clients, 30 * options.minutes)
            took_s, full = time.monotonic() - began_s, len(good.took_s)
            tallies.append(send_at_half_load(load, tallies, took_s, 30 * options.minutes))
            minutes = (time.monotonic() - began_s) / 60
            good.stop()
            left = wait_until_empty(observer, PING)
            target.check_alive()
            sys.exit(judge(tallies, peak, good, full, left, log.stat().st_size / minutes))


if __name__ == "__main__":
    main()
