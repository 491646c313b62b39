"""``with retains_nothing():`` what an emulated client leaves behind in this process, for tests of one handler.

What the agent does inside a server is done here in the process of the test: the application's containers and the
Socket.IO registries are counted before and after, with allocations traced between, so that what stayed has its line.
"""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from soakproof.agent.explain.explainer import Explainer, objects_of
from soakproof.agent.objects import kinds
from soakproof.agent.objects.liveobjects import LiveObjects
from soakproof.agent.process.engines import Engines
from soakproof.agent.trace.allocations import Tracing
from soakproof.culprits import draw_chain
from soakproof.testing.holders import Newcomers, is_held, stack_names
from soakproof.testing.looking import Look, look, walk_application

FRAMES = 12
POLL_S = 0.02
ENOUGH_SHARE = 0.5  # of the clients: what gains fewer entries is filled once, and not by each of them
MOST_TOLD = 5
MOST_SITES = 500  # of a test process, in which much else may go on


class RetainedError(AssertionError):
    """Clients that have gone left something behind."""


def retains_nothing(clients: int = 1, settle_s: float = 0.2) -> Retention:
    """Assert that what runs in the ``with`` block leaves nothing behind: no entry, no task, no object.

    Args:
        clients: How many clients the block plays, one after the other or at once. What gains less than half as many
            entries is taken for what is filled once; with one client everything counts, so play one before the block
            where something is.
        settle_s: How long ``async with`` lets the event loop run until what goes has gone. A plain ``with`` looks at
            once.

    Returns:
        A context manager, synchronous and asynchronous.

    Raises:
        RetainedError: something stayed; the message names it, its line and what holds it. What the test's own frame
            alone holds is not looked at.
        ValueError: there are no clients.
    """
    if clients < 1:
        raise ValueError(f"retains_nothing(clients={clients}): need 1 or more")
    return Retention(clients, settle_s)


class Growth(NamedTuple):
    """A metric that has gained so many, and the owner path where it is of a container."""

    metric: str
    gained: float
    owner: str | None


class Retention:
    """Looks on entering and leaving, and raises `RetainedError` where something stayed; made by `retains_nothing`."""

    def __init__(self, clients: int, settle_s: float) -> None:
        self._clients = clients
        self._settle_s = settle_s
        self._engines = Engines()
        self._tracing = Tracing()
        self._before = Look({}, {})

    def __enter__(self) -> Self:
        self._before = look(self._engines)
        self._tracing.start(FRAMES)
        with self._tracing.unnoticed:
            self._tracing.mark()
            self._newcomers = Newcomers()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True
        self._end([] if kind else self._grown())

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True
        ends_s = time.monotonic() + self._settle_s
        grown, is_last = [] if kind else self._grown(), False
        while grown and not is_last:
            is_last = time.monotonic() >= ends_s  # on a busy machine a look takes longer than that
            await asyncio.sleep(self._settle_s if is_last else POLL_S)
            grown = self._grown()
        self._end(grown)

    def _end(self, grown: list[Growth]) -> None:
        __tracebackhide__ = True
        try:
            with self._tracing.unnoticed:
                said = self._say(grown) if grown else None
        finally:
            self._newcomers.close()
            self._tracing.stop()
        if said is not None:
            raise RetainedError(said)

    def _grown(self) -> list[Growth]:
        """Return what has gained, most first and tasks last; objects of a class where nothing tells that holds them."""
        with self._tracing.unnoticed:
            self._newcomers.close()
            now = look(self._engines)
            local = tuple(f"{name}.<locals>." for name in stack_names())
            found = [
                Growth(metric, gained, now.owners.get(metric))
                for metric, size in now.sizes.items()
                if (gained := size - self._before.sizes.get(metric, 0)) >= max(1, ENOUGH_SHARE * self._clients)
                and not now.owners.get(metric, "").startswith(local)
            ]
            kept = self._choose_kept(found) if found else []
        objects = [growth for growth in kept if growth.metric.startswith("type:")]
        told = [growth for growth in kept if growth not in objects] or objects
        return sorted(told, key=lambda growth: (growth.metric.startswith("task:"), -growth.gained))

    def _choose_kept(self, found: list[Growth]) -> list[Growth]:
        """Return what something other than the test itself holds: its own client may live until it returns."""
        asked = self._things_of(found)
        gc.collect()  # what looked, which refers to itself, and to all that it has found
        apart_from = {id(asked), *map(id, asked), *(id(things) for _, things in asked)}
        return [growth for growth, things in asked if self._is_kept(growth, things, apart_from)]

    def _things_of(self, found: list[Growth]) -> list[tuple[Growth, list[Any] | None]]:
        """Return the containers or the objects behind each growth, None where there are none to look at."""
        live = LiveObjects()
        walk = walk_application(live, self._engines, wanted=[each.owner for each in found if each.owner])
        things: list[tuple[Growth, list[Any] | None]] = []
        for growth in found:
            kind, _, name = growth.metric.partition(":")
            if kind == "type":
                things.append((growth, objects_of(name, live)))
            else:
                place = walk.found.get(growth.owner or "")
                things.append((growth, [*(place.containers or [])] if place else None))
        return things

    def _is_kept(self, growth: Growth, things: list[Any] | None, apart_from: set[int]) -> bool:
        if things is None or (growth.owner and any(map(self._has_gained, things))):
            return True
        return is_held([thing for thing in things if thing in self._newcomers], self._newcomers, apart_from)

    def _has_gained(self, container: Any) -> bool:
        """Whether a container that was there before has gained entries."""
        held = kinds.count_entries(container) or 0
        return container not in self._newcomers and held > self._tracing.marked.size_of(container)

    def _say(self, grown: list[Growth]) -> str:
        shown = grown[:MOST_TOLD]
        answers = Explainer(self._tracing, self._engines).explain([(each.metric, each.owner) for each in shown], [], [])
        who = "1 client" if self._clients == 1 else f"{self._clients:,} clients"
        lines = [f"{who} left more behind than there was before:"]
        for growth, answer in zip(shown, answers, strict=True):
            lines += say_growth(growth, answer, answer["sites"] or self._sites_naming(growth.owner))
        if len(grown) > len(shown):
            lines.append(f"  and {len(grown) - len(shown)} more")
        lines.append("  What is filled once and not by each client: play one client before `retains_nothing()`.")
        return "\n".join(lines)

    def _sites_naming(self, owner: str | None) -> list[dict[str, Any]]:
        """Return the lines that allocated and name a container: of entries that were made elsewhere no line tells."""
        name = re.compile(rf"\b{re.escape(re.split(r'[.:]', owner)[-1])}\b") if owner else None
        sites = self._tracing.growth(MOST_SITES, is_described=True)["sites"] if name else []
        return [site for site in sites if name and name.search(site["source"])]


def say_growth(growth: Growth, answer: dict[str, Any], sites: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines on one thing that stayed: its name and number, the line that made it, what holds it."""
    kind, _, name = growth.metric.partition(":")
    unit = {"task": "task", "type": "object"}.get(kind, "entry")
    number = f"{growth.gained:,.0f} {unit if growth.gained == 1 else {'entry': 'entries'}.get(unit, f'{unit}s')}"
    yield f"  {growth.owner or (name if kind == 'library' else f'{kind} {name}')}  +{number}"
    for site in sites[:1]:
        yield f"    line     {site['file']}:{site['line']} in {site['function']}"
        if site.get("source"):
            yield f"                 {site['source'].strip()}"
    if answer["retainers"]:
        first, *rest = draw_chain(answer["retainers"]).splitlines()
        yield f"    held by  {first}"
        yield from (f"             {line}" for line in rest)
    if answer.get("note"):
        yield f"    note     {answer['note']}"
