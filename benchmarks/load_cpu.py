"""What a connection costs the load generator: Locust's own Socket.IO user beside soakproof's clients (make bench-load).

CPU milliseconds per connection (connect, one acknowledged event, drop), inside Locust with its statistics, and resident
bytes per idle client. All against one server; the kinds take turns, so that what else the machine does falls on all
alike, and what is compared is the ratio within each turn.

    python benchmarks/load_cpu.py [TURNS] [CONNECTIONS]
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
KINDS = ("stock", "reference", "lean")
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


def measure(kind: str, url: str, count: int, *how: str) -> float:
    """Run load_users.py once, in a process of its own, and return its figure."""
    command = [sys.executable, str(HERE / "load_users.py"), kind, url, str(count), *how]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # ours
    (figure,) = json.loads(answer.splitlines()[-1]).values()
    return float(figure)


def main() -> int:
    """Measure, print, and return whether the aims (MAX_MS, MIN_RATIO, MAX_IDLE_BYTES) were missed."""
    given = [int(argument) for argument in sys.argv[1:]]
    turns, connections = [*given, *DEFAULTS[len(given) :]]
    with serve() as url:
        rounds = [{kind: measure(kind, url, connections) for kind in KINDS} for _ in range(turns)]
        idle = {kind: measure(kind, url, IDLE_CLIENTS, "idle") for kind in KINDS}
    medians = {kind: statistics.median(figures[kind] for figures in rounds) for kind in KINDS}
    ratio = statistics.median(figures["stock"] / figures["lean"] for figures in rounds)
    for kind in KINDS:
        print(f"{kind:10} {medians[kind]:6.3f} ms CPU per connection {idle[kind] / 1024:8.1f} KiB per idle client")  # noqa: T201
    print(f"lean costs {ratio:.1f} times less than stock, median of {turns} turns")  # noqa: T201
    return int(medians["lean"] > MAX_MS or ratio < MIN_RATIO or idle["lean"] > MAX_IDLE_BYTES)


if __name__ == "__main__":
    sys.exit(main())
