"""What being observed costs a server in CPU per connection (part of make bench-observer).

A pair has a new server of each kind, all up at the same time on a core of their own; the load goes from one to the next
in an order drawn by lot, about a second at each, round after round. What makes a machine faster or slower for longer
than a second thus meets all kinds alike, and each kind's sum is compared with the bare server's of the same pair.
"Sampled" is as in a run: counters read every 0.5 s, and the containers watched that a census found.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.observed_server import MEMRAY_IS_HERE, OTHER_CORES, Server, serve
from soakproof.target.link import AgentLink

CHEAP = ["bare", "agent idle", "agent sampled"]
SLOW = ["bare", "tracemalloc", *(["memray"] if MEMRAY_IS_HERE else [])]
SLOW_PAIRS = 3  # what slows a server several times over needs fewer pairs to be told from the bare one
SLOW_ROUNDS = 1
SHARE = 400  # connections of a server in a round
WARM_UP = 200
RATE = 400  # connections per second
TICK_S = 0.5
WATCHED = ["observer_app:ROOMS", "observer_app:TASKS", "observer_app:LATENESS_S"]
MAX_RATIO = 1.03

Pair = dict[str, float]


class Load:
    """A Locust process that connects so many clients to a server, each time it is told to."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.load_on_order"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # ours
        os.sched_setaffinity(self._process.pid, OTHER_CORES)

    def connect(self, server: Server, connections: int) -> None:
        """Have so many clients connect, call once, and drop; return when they have."""
        assert self._process.stdin  # both are pipes
        assert self._process.stdout
        self._process.stdin.write(f"{server.url} {connections} {RATE}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ok\n":
            sys.exit(f"the load ended with exit code {self._process.wait()}")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def ticking(link: AgentLink | None, phase_s: float) -> Iterator[None]:
    """Read the counters every `TICK_S`, as a run does, from so many seconds on; nothing without an agent to ask."""
    is_over = threading.Event()

    def tick() -> None:
        wait_s = phase_s
        while link and not is_over.wait(wait_s):
            link.request("counters")
            wait_s = TICK_S

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def prepare(stack: ExitStack, observer: str, load: Load) -> tuple[Server, AgentLink | None]:
    """Start a server and warm it up; with the census that a run begins with, and the link, if it is to be sampled.

    A census collects garbage; so the others collect theirs, or the collector's next turn would not be the same for all.
    """
    server = stack.enter_context(serve(observer))
    load.connect(server, WARM_UP)
    if observer != "agent sampled":
        server.collect()
        return server, None
    link = server.link()
    stack.callback(link.close)
    link.request("census", collect=True, trim=True)
    link.request("watch", owners=WATCHED)
    return server, link


def measure_pair(observers: list[str], load: Load, rounds: int, dice: random.Random) -> Pair:
    """Return what a connection costs a new server of each kind, in CPU milliseconds."""
    used_s: dict[str, float] = defaultdict(float)
    with ExitStack() as stack:
        servers = {observer: prepare(stack, observer, load) for observer in dice.sample(observers, len(observers))}
        for _ in range(rounds):
            for observer in dice.sample(observers, len(observers)):
                server, link = servers[observer]
                before_s = server.cpu_s()
                with ticking(link, dice.uniform(0, TICK_S)):
                    load.connect(server, SHARE)
                used_s[observer] += server.cpu_s() - before_s
    return {observer: 1000 * used_s[observer] / (rounds * SHARE) for observer in observers}


def measure_pairs(observers: list[str], load: Load, pairs: int, rounds: int) -> list[Pair]:
    """Measure so many pairs, and say of each what it came to."""
    dice = random.Random(7)  # noqa: S311  # an order, no secret
    measured = []
    for index in range(pairs):
        measured.append(measure_pair(observers, load, rounds, dice))
        figures = ", ".join(f"{observer} {cost_ms:.3f}" for observer, cost_ms in measured[-1].items())
        print(f"  pair {index + 1}: {figures} ms", file=sys.stderr)  # noqa: T201
    return measured


def print_ratios(measured: list[Pair], rounds: int) -> dict[str, float]:
    """Print each kind's cost and its ratio to the bare server's; return the median ratios."""
    print(f"CPU of the server per connection, {len(measured)} pairs of {rounds * SHARE} connections each")  # noqa: T201
    medians = {}
    for observer in measured[0]:
        ratios = [pair[observer] / pair["bare"] for pair in measured]
        low, medians[observer], high = statistics.quantiles(ratios, n=4)
        cost_ms = statistics.median(pair[observer] for pair in measured)
        print(  # noqa: T201
            f"  {observer:14} {cost_ms:7.3f} ms   {medians[observer]:6.3f} times  (middle half {low:.3f} to {high:.3f})"
        )
    return medians


def compare_cpu(pairs: int, rounds: int) -> bool:
    """Print what each way of observing costs; return whether the agent stays within `MAX_RATIO`."""
    load = Load()
    try:
        cheap = measure_pairs(CHEAP, load, pairs, rounds)
        slow = measure_pairs(SLOW, load, SLOW_PAIRS, SLOW_ROUNDS)
    finally:
        load.close()
    medians = print_ratios(cheap, rounds)
    print_ratios(slow, SLOW_ROUNDS)
    if not MEMRAY_IS_HERE:
        print("  memray         not installed: `pip install memray` into this environment to see it here")  # noqa: T201
    return all(medians[each] <= MAX_RATIO for each in CHEAP)
