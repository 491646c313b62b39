"""What master and workers say to each other, as custom messages of Locust's own protocol; data is plain JSON types."""

from __future__ import annotations

from typing import Any

import msgspec

from soakproof.load.options import ClientOptions
from soakproof.load.orders import Order, Progress
from soakproof.load.users.histogram import Histogram
from soakproof.samples import Tally

BEGIN, LEAVE, ABORT = "soakproof_begin", "soakproof_leave", "soakproof_abort"  # to workers
PROGRESS, DONE, FAILED = "soakproof_progress", "soakproof_done", "soakproof_failed"  # to the master


class Share(msgspec.Struct, kw_only=True):
    """A worker's part of an order: every ``count``-th client, beginning with number ``index``."""

    order: Order
    index: int
    count: int
    url: str
    options: ClientOptions


class Report(msgspec.Struct, kw_only=True):
    """How far a worker is with order ``index``; ``is_ready`` when its clients have worked and wait to be let go."""

    index: int
    progress: Progress
    is_ready: bool


class Durations(msgspec.Struct):
    """A `Histogram` as it travels: bucket and count, and the largest."""

    buckets: list[tuple[int, int]]
    max_s: float

    @classmethod
    def of(cls, histogram: Histogram) -> Durations:
        """Return what a histogram holds."""
        return cls(list(histogram.buckets.items()), histogram.max_s)


class Account(msgspec.Struct, kw_only=True):
    """What became of a worker's share; ``open`` clients are still there."""

    tally: Tally
    open: int
    latency: Durations
    lateness: Durations


def to_data(message: msgspec.Struct) -> Any:
    """Return a message as plain types, for Locust to send."""
    return msgspec.to_builtins(message)


def merge(accounts: list[Account], own_cpu_s: float, peak: int) -> Tally:
    """Return the account of an order that several workers carried out; ``peak`` clients were open at once."""
    latency, lateness = Histogram(), Histogram()
    for account in accounts:
        latency.merge(Histogram(account.latency.buckets, account.latency.max_s))
        lateness.merge(Histogram(account.lateness.buckets, account.lateness.max_s))
    tallies = [account.tally for account in accounts]
    return Tally(
        intended=sum(tally.intended for tally in tallies),
        opened=sum(tally.opened for tally in tallies),
        dropped=add_up([tally.dropped for tally in tallies]),
        failures=sum(tally.failures for tally in tallies),
        events=sum(tally.events for tally in tallies),
        peak_clients=peak,
        rate_intended=tallies[0].rate_intended,
        rate_achieved=round(sum(tally.rate_achieved for tally in tallies), 2),
        cpu_s=round(own_cpu_s + sum(tally.cpu_s for tally in tallies), 4),
        late_s=round(lateness.quantile(0.99), 4),
        latency_s=latency.summary(),
        errors=add_up([tally.errors for tally in tallies]),
        generator_rss_bytes=sum(tally.generator_rss_bytes for tally in tallies),
        generator_fds=sum(tally.generator_fds for tally in tallies),
        generator_processes=len(tallies),
    )


def add_up(counts: list[dict[str, int]]) -> dict[str, int]:
    """Return counts by name, added up."""
    names = dict.fromkeys(name for count in counts for name in count)
    return {name: sum(count.get(name, 0) for count in counts) for name in names}
