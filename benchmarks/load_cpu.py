"""What a connection costs the load generator: Locust's own Socket.IO user beside soakproof's clients (make bench-load).

CPU milliseconds per connection (connect, one acknowledged event, drop), inside Locust with its statistics, and resident
bytes per idle client. All against one server; the kinds take turns, so that what else the machine does falls on all
alike, and what is compared is the ratio within each turn.

Twice: as in a wave, where clients come as fast as the server lets them in, which is how soakproof loads a server and
what the aims are about; and at a leisurely 400 a second, where each connection also pays for waking an idle process.

    python benchmarks/load_cpu.py [TURNS] [CONNECTIONS]
"""

from __future__ import annotations

import json
import math
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
KINDS = ("stock", "reference", "lean")
PACES = {"wave": math.inf, "400/s": 400.0}
DEFAULTS = [5, 1000]
IDLE_CLIENTS = 1000
MAX_MS = 0.45
MIN_RATIO = 4.0
MAX_IDLE_BYTES = 12 * 1024


@contextmanager
def serve() -> Iterator[str]:
    """Run python-socketio on uvicorn in a process of its own; yield its URL."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        command = [sys.executable, "-m", "uvicorn", "--log-level", "warning", "--fd", str(listener.fileno())]
        process = subprocess.Popen([*command, "load_server_app:app"], cwd=HERE, pass_fds=[listener.fileno()])  # noqa: S603  # ours
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.terminate()
            process.wait()


def measure(kind: str, url: str, count: int, how: float | str) -> float:
    """Run load_users.py once, in a process of its own, and return its figure."""
    command = [sys.executable, str(HERE / "load_users.py"), kind, url, str(count), str(how)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # ours
    (figure,) = json.loads(answer.splitlines()[-1]).values()
    return float(figure)


def compare(pace: str, rounds: list[dict[str, float]]) -> tuple[float, float]:
    """Print the medians of each kind at a pace; return lean's, and how many times less than stock it is."""
    medians = {kind: statistics.median(figures[kind] for figures in rounds) for kind in KINDS}
    ratios = [figures["stock"] / figures["lean"] for figures in rounds]
    ratio = statistics.median(ratios)
    figures = "  ".join(f"{kind} {medians[kind]:.3f}" for kind in KINDS)
    print(f"{pace:6} ms CPU per connection: {figures}; stock/lean {ratio:.2f} [{min(ratios):.2f}, {max(ratios):.2f}]")  # noqa: T201
    return medians["lean"], ratio


def main() -> int:
    """Measure, print, and return whether the aims (MAX_MS, MIN_RATIO, MAX_IDLE_BYTES) were missed."""
    given = [int(argument) for argument in sys.argv[1:]]
    turns, connections = [*given, *DEFAULTS[len(given) :]]
    with serve() as url:
        rounds = [
            {pace: {kind: measure(kind, url, connections, rate) for kind in KINDS} for pace, rate in PACES.items()}
            for _ in range(turns)
        ]
        idle = {kind: measure(kind, url, IDLE_CLIENTS, "idle") for kind in KINDS}
    (lean_ms, ratio), *_ = [compare(pace, [figures[pace] for figures in rounds]) for pace in PACES]
    print("KiB per idle client:", "  ".join(f"{kind} {idle[kind] / 1024:.1f}" for kind in KINDS))  # noqa: T201
    return int(lean_ms > MAX_MS or ratio < MIN_RATIO or idle["lean"] > MAX_IDLE_BYTES)


if __name__ == "__main__":
    sys.exit(main())
