"""What being observed costs a server (make bench-observer): CPU per connection, pauses, memory, the event loop.

    python -m benchmarks.observer [PAIRS] [ROUNDS]

The servers have a core of their own, and the load the others. How CPU is compared: observer_cpu.py.
"""

from __future__ import annotations

import statistics
import sys
import time

from benchmarks.observed_server import serve
from benchmarks.observer_cpu import TICK_S, compare_cpu

DEFAULTS = [20, 3]
LIVE_OBJECTS = {50_000: 0.1, 500_000: 1.0}  # live objects: the pause aimed at, in seconds
CENSUSES = 5
MEMORY_PAIRS = 5
LOOP_S = 2.0
MAX_MEMORY_BYTES = 1 << 20


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
    return float(statistics.median(pauses))


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
    pairs, rounds = [*given, *DEFAULTS[len(given) :]]
    are_short = [measure_pause(live_objects) <= aim_s for live_objects, aim_s in LIVE_OBJECTS.items()]
    is_small = measure_memory() <= MAX_MEMORY_BYTES
    measure_loop()
    is_cheap = compare_cpu(pairs, rounds)
    return int(not (is_cheap and all(are_short) and is_small))


if __name__ == "__main__":
    sys.exit(main())
