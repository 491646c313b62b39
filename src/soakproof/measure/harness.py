"""The harness under its own judge: conductor and generator, read at the rest points of a soak as its target is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from soakproof import agent
from soakproof.load.users.histogram import MOST_BUCKETS
from soakproof.measure.journal import Journal
from soakproof.measure.observer import Observer
from soakproof.measure.recorder import Recorder
from soakproof.plans import Bound, TargetInfo
from soakproof.samples import End, Header
from soakproof.target.directory import AgentDirectory
from soakproof.target.inject import environment

DIRECTORY = "harness"

# Locust counts response times rounded to two digits: up to a minute and a half of them, there are no more than so many.
ROUNDED_TIMES = 101 + 3 * 90
NAMES = 60  # of events, requests and ways to connect: what a scenario calls by name, twice what ours do
HISTOGRAMS = 2  # of an order, which has new counts: how late clients began, and how long connecting took

# What fills up, and how far it can: a short soak sees the filling alone.
BOUNDS = {
    "locust.stats:StatsEntry.response_times": Bound(max_items=ROUNDED_TIMES * NAMES),
    "soakproof.load.users.histogram:Histogram.buckets": Bound(max_items=MOST_BUCKETS * HISTOGRAMS),
}


class Harness:
    """The processes of soakproof itself, with an agent in each, and the run recorded of them in ``out/harness``."""

    def __init__(self, out: Path) -> None:
        self._out = out / DIRECTORY
        self._out.mkdir(exist_ok=True)
        self._agents = AgentDirectory()
        self._journal: Journal | None = None
        agent.start(str(self._agents.path))

    def environment(self) -> dict[str, str]:
        """Return the environment in which the generator starts with an agent."""
        return environment(self._agents.path, os.environ)

    def begin(self, header: Header, clock: Callable[[], float], seed: int) -> Recorder:
        """Return what records the harness beside the target whose run has that header."""
        links = self._agents.links()
        hello = links[0].hello
        info = TargetInfo(
            command=["soakproof: its conductor and its load generator"],
            url=header.target.url,
            python=str(hello["python"]),
            versions=dict(hello["versions"]),
            pids=[link.pid for link in links],
        )
        rules = msgspec.structs.replace(header.rules, bounds=BOUNDS)
        own = msgspec.structs.replace(header, target=info, rules=rules)
        self._journal = Journal(self._out / "run.jsonl", own)
        observer = Observer(self._agents.links, clock)
        return Recorder(observer, self._journal, clock, lambda _rss_bytes: None, tick_s=0.0, seed=seed)

    def end(self, end: End) -> None:
        """Write how the soak ended."""
        if self._journal is not None:
            self._journal.write(end)
            self._journal.close()

    def stop(self) -> None:
        """Let go of the agents; harmless when called twice."""
        self._agents.remove()
