"""One connection per Locust user, for the benchmark: connect, one acknowledged event, drop. Run by load_cpu.py.

    python benchmarks/load_users.py KIND URL CONNECTIONS RATE   prints {"ms": CPU milliseconds per connection}
    python benchmarks/load_users.py KIND URL CLIENTS idle       prints {"bytes": resident bytes per idle client}

KIND is stock (`locust.contrib.socketio`), reference or lean (soakproof's two clients), or polling (lean, without
WebSocket). RATE is connections per second; inf: as fast as the server lets them in. CPU is user and system time of this
process, its start and the first connections left out; statistics are on, as in any Locust run.
"""

from __future__ import annotations

import json
import math
import sys
import time

import gevent
from locust import User, task
from locust.contrib.socketio import SocketIOUser as StockSocketIOUser
from locust.env import Environment
from locust.exception import StopUser

from soakproof.load import SocketIOUser
from soakproof.load.options import ClientOptions
from soakproof.load.processes.limits import raise_fd_limit
from soakproof.load.processes.usage import cpu_s, rss_bytes

AT_ONCE = 50
WARM_UP = 200
IDLE_RATE = 150.0  # a busy machine lets stock no faster in before it gives up
TICK_S = 0.005  # soakproof's driver starts users in ticks of this length


class Stock(StockSocketIOUser):  # type: ignore[misc]  # Locust carries no types
    """Locust's own Socket.IO user."""

    stays = False

    def on_start(self) -> None:
        """Connect."""
        self.sio.connect(self.host, transports=["websocket"])

    def on_stop(self) -> None:
        """Drop."""
        self.sio.disconnect()
        self.sio_greenlet.kill()

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def work(self) -> None:
        """One acknowledged event."""
        self.sio.call("work", {"a": 1})
        stay_or_stop(self)


class Lean(SocketIOUser):
    """soakproof's user with its lean client."""

    stays = False

    @task  # type: ignore[untyped-decorator]  # Locust carries no types
    def work(self) -> None:
        """One acknowledged event."""
        self.call("work", {"a": 1})
        stay_or_stop(self)


class Reference(Lean):
    """soakproof's user with python-socketio's client."""

    options = ClientOptions(client="reference")


class Polling(Lean):
    """soakproof's user with its lean client, long-polling all its life."""

    options = ClientOptions(transports=("polling",))


KINDS: dict[str, type[User]] = {"stock": Stock, "reference": Reference, "lean": Lean, "polling": Polling}


def stay_or_stop(user: User) -> None:
    """End the user's life, or wait for good."""
    if not user.stays:
        raise StopUser
    gevent.sleep(1e6)


def spawn(environment: Environment, kind: type[User], users: int, at_once: int, rate: float = math.inf) -> None:
    """Let so many users live, no more than ``at_once`` together, ``rate`` a second at most."""
    greenlets = environment.runner.user_greenlets
    began_s = time.perf_counter()
    for number in range(users):
        while len(greenlets) >= at_once or time.perf_counter() < began_s + number / rate:
            gevent.sleep(TICK_S)
        kind(environment).start(greenlets)


def cpu_per_connection(environment: Environment, kind: type[User], connections: int, rate: float) -> float:
    """Return CPU seconds per connection, after a warm-up."""
    greenlets = environment.runner.user_greenlets
    spawn(environment, kind, WARM_UP, AT_ONCE)
    greenlets.join()
    before_s = cpu_s()
    spawn(environment, kind, connections, AT_ONCE, rate)
    greenlets.join()
    return (cpu_s() - before_s) / connections


def bytes_per_client(environment: Environment, kind: type[User], clients: int) -> float:
    """Return resident bytes per idle client, over a warmed-up process."""
    spawn(environment, kind, WARM_UP, AT_ONCE)
    environment.runner.user_greenlets.join()
    kind.stays = True
    before = rss_bytes()
    spawn(environment, kind, clients, clients, IDLE_RATE)
    gevent.sleep(1.0)
    grown = rss_bytes() - before
    environment.runner.user_greenlets.kill(timeout=2)
    return grown / clients


def main() -> None:
    """Measure what the arguments say."""
    name, url, count, how = sys.argv[1:]
    raise_fd_limit()
    kind = KINDS[name]
    kind.host = url
    environment = Environment(user_classes=[kind], host=url)
    environment.create_local_runner()
    if how == "idle":
        print(json.dumps({"bytes": bytes_per_client(environment, kind, int(count))}))  # noqa: T201  # its answer
    else:
        print(json.dumps({"ms": 1000 * cpu_per_connection(environment, kind, int(count), float(how))}))  # noqa: T201
    failures = environment.stats.total.num_failures
    if failures:
        sys.exit(f"{failures} requests failed: the figures mean nothing")


if __name__ == "__main__":
    main()
