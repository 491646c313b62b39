"""What being observed costs a server (make bench-observer): CPU per connection, pauses, memory, the event loop.

CPU: a new server per reading and kind, the kinds taking turns in an order drawn by lot; each is compared with the bare
server of its own turn. The server has a core of its own, and the load the others. "Sampled" is as in a run: ticks every
0.5 s, and the containers watched that a census found.

    python -m benchmarks.observer [PAIRS] [CONNECTIONS]
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.observed_server import HERE, MEMRAY_IS_HERE, OBSERVERS, OTHER_CORES, Server, serve
from soakproof.target.link import AgentLink

DEFAULTS = [12, 1000]
CHEAP = OBSERVERS[:3]
SLOW_TURNS = 3  # what slows the server several times over needs fewer turns to be told from the bare server
SLOW_SHARE = 4  # and fewer connections
TICK_S = 0.5
PER_SECOND = "400"
LIVE_OBJECTS = {50_000: 0.1, 500_000: 1.0}  # live objects: the pause aimed at, in seconds
CENSUSES = 5
MEMORY_PAIRS = 5
LOOP_S = 2.0
MAX_RATIO = 1.03
MAX_MEMORY_BYTES = 1 << 20


@contextmanager
def sampled(link: AgentLink) -> Iterator[None]:
    """Read the counters every half second, as a run does, with what a census found being watched."""
    link.request("census", collect=True, trim=True)
    link.request("watch", owners=["observer_app:ROOMS", "observer_app:TASKS", "observer_app:LATENESS_S"])
    is_over = threading.Event()

    def tick() -> None:
        while not is_over.wait(TICK_S):
            link.request("counters")

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        link.close()


def load(server: Server, connections: int) -> None:
    """Have so many clients connect, call once, and drop."""
    command = [sys.executable, str(HERE / "load_users.py"), "lean", server.url, str(connections), PER_SECOND]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # ours
        os.sched_setaffinity(process.pid, OTHER_CORES)
    if process.returncode:
        sys.exit(f"the load ended with exit code {process.returncode}")


def cpu_ms_per_connection(observer: str, connections: int) -> float:
    """Return what a connection costs a new server, observed in that way, in CPU milliseconds."""
    share = connections if observer in CHEAP else connections // SLOW_SHARE
    with ExitStack() as stack:
        server = stack.enter_context(serve(observer))
        load(server, 1)  # and load_users.py's own warm-up of 200
        if observer == "agent sampled":
            stack.enter_context(sampled(server.link()))
        before_s = server.cpu_s()
        load(server, share)
        return 1000 * (server.cpu_s() - before_s) / (share + 200)


def compare_cpu(pairs: int, connections: int) -> bool:
    """Print what each way of observing costs; return whether the agent stays within `MAX_RATIO`."""
    turns: list[dict[str, float]] = []
    dice = random.Random(7)  # noqa: S311  # an order, no secret
    for index in range(pairs):
        among = OBSERVERS if index < SLOW_TURNS else CHEAP
        order = dice.sample(among, len(among))
        turns.append({observer: cpu_ms_per_connection(observer, connections) for observer in order})
        figures = ", ".join(f"{observer} {turns[-1][observer]:.3f}" for observer in among)
        print(f"  turn {index + 1}: {figures} ms", file=sys.stderr)  # noqa: T201
    print(f"CPU of the server per connection, {pairs} pairs of {connections} connections; ratio to the bare server")  # noqa: T201
    ratios = {each: [turn[each] / turn["bare"] for turn in turns if each in turn] for each in OBSERVERS}
    for each in OBSERVERS:
        low, median, high = statistics.quantiles(ratios[each], n=4)
        cost_ms = statistics.median(turn[each] for turn in turns if each in turn)
        print(f"  {each:14} {cost_ms:7.3f} ms   {median:6.3f} times  (middle half {low:.3f} to {high:.3f})")  # noqa: T201
    if not MEMRAY_IS_HERE:
        print("  memray         not installed: `pip install memray` into this environment to see it here")  # noqa: T201
    return all(statistics.median(ratios[each]) <= MAX_RATIO for each in ("agent idle", "agent sampled"))


def measure_pause(live_objects: int) -> float:
    """Print and return the median pause of a rest point in seconds; the process' own clock, all else standing still."""
    with serve("agent", live_objects) as server:
        link = server.link()
        server.lateness_s()
        pauses, stalls = [], []
        for _ in range(CENSUSES):
            answer = link.request("census", collect=True, trim=True)
            time.sleep(TICK_S)
            pauses.append(answer["pause_s"])
            stalls.append(server.lateness_s()[0])
        link.close()
    objects = int(answer["metrics"]["heap:objects"])
    print(  # noqa: T201
        f"pause of a rest point at {objects:,} live objects: {1000 * statistics.median(pauses):.0f} ms "
        f"({1000 * min(pauses):.0f} to {1000 * max(pauses):.0f}); the event loop stood still for at most "
        f"{1000 * max(stalls):.0f} ms"
    )
    return statistics.median(pauses)


def measure_memory() -> float:
    """Print and return what the agent adds to the memory of a server that nobody has asked yet, in bytes."""
    grown = []
    for _ in range(MEMORY_PAIRS):
        with serve("bare") as bare, serve("agent idle") as carrying:
            grown.append(carrying.uss_bytes() - bare.uss_bytes())
    with serve("agent") as server:
        before = server.uss_bytes()
        link = server.link()
        link.request("census", collect=True, trim=True)
        link.close()
        after_census = server.uss_bytes() - before
    print(  # noqa: T201
        f"memory of the agent (USS): {statistics.median(grown) / 1024:.0f} KiB idle "
        f"({min(grown) / 1024:.0f} to {max(grown) / 1024:.0f}), {after_census / 1024:+.0f} KiB after its first census"
    )
    return statistics.median(grown)


def measure_loop() -> None:
    """Print by how much an idle server's event loop comes late to 1 ms sleeps, without and with an idle agent."""
    for observer in ("bare", "agent idle"):
        with serve(observer) as server:
            server.lateness_s()
            time.sleep(LOOP_S)
            most, median = server.lateness_s()
        print(f"event loop, {observer}: late by {1e6 * median:.0f} µs in the median, {1e3 * most:.2f} ms at most")  # noqa: T201


def main() -> int:
    """Measure, print, and return whether an aim was missed."""
    given = [int(argument) for argument in sys.argv[1:]]
    pairs, connections = [*given, *DEFAULTS[len(given) :]]
    are_short = [measure_pause(live_objects) <= aim_s for live_objects, aim_s in LIVE_OBJECTS.items()]
    is_small = measure_memory() <= MAX_MEMORY_BYTES
    measure_loop()
    is_cheap = compare_cpu(pairs, connections)
    return int(not (is_cheap and all(are_short) and is_small))


if __name__ == "__main__":
    sys.exit(main())
