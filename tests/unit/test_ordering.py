"""Ordering: from options to orders."""

from __future__ import annotations

from soakproof.config import Config
from soakproof.measure.ordering import Orders


def test_a_wave_is_counted_in_clients():
    """As many as the options say, or as the second pass asks for, numbered from 1."""
    orders = Orders(Config(clients=30, open_rate=5.0, drop={"reset": 1.0}, silent_first=True))
    first, second = orders.wave("warmup"), orders.wave("trace", 7, {"close": 1.0})
    assert (first.index, first.clients, first.events, first.rate, first.drops) == (1, 30, None, 5.0, {"reset": 1.0})
    assert (second.index, second.clients, second.events, second.drops) == (2, 7, None, {"close": 1.0})
    assert first.silent_first


def test_a_burst_is_counted_in_events():
    """The clients stay the same, whatever the size; no events at all has them leave."""
    orders = Orders(Config(clients=30, held=True))
    bursts = [orders.wave("held"), orders.wave("trace", 7), orders.pulse(), orders.parting()]
    assert [burst.clients for burst in bursts] == [30] * 4
    assert [burst.events for burst in bursts] == [300, 7, 3, 0]
    assert Orders(Config(held=True, events=12)).wave("held").events == 12


def test_a_steady_phase_lasts():
    """Its clients are all that arrive while it lasts."""
    order = Orders(Config(steady=4.0, rate=25.0)).steady()
    assert (order.phase, order.clients, order.rate, order.seconds, order.events) == ("steady", 100, 25.0, 4.0, None)
