"""The master without Locust: which workers it misses, and how soon."""

from types import SimpleNamespace

import gevent
import pytest

from soakproof.errors import LoadError
from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order
from soakproof.load.processes import master as masters
from soakproof.load.processes.master import Master
from soakproof.load.processes.messages import ABORT


class Workers(dict):
    @property
    def ready(self):
        return list(self.values())


class Runner:
    def __init__(self, *ids):
        self.clients = Workers({id_: SimpleNamespace(id=id_) for id_ in ids})
        self.sent = []

    def register_message(self, message, listener):
        pass

    def send_message(self, message, data, worker):
        self.sent.append((message, worker))


def test_a_worker_that_says_goodbye_is_missed_at_once(monkeypatch):
    """Locust's runner knows it no more, so nobody waits for its silence; the others are told to close their clients."""
    monkeypatch.setattr(masters, "SILENCE_S", 1e9)
    runner = Runner("one", "two")
    master = Master(runner, "http://127.0.0.1:1", ClientOptions())
    master.wait_for_workers(2, 1.0)
    del runner.clients["two"]
    with gevent.Timeout(20), pytest.raises(LoadError, match="Locust worker two was lost in wave 4"):
        master.carry_out(Order(index=4, phase="wave", clients=2, drops={"close": 1.0}))
    assert (ABORT, "one") in runner.sent
