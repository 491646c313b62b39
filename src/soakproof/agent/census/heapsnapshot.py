"""What stands in the target at one moment, looked through once for all that is asked about it.

Looking through a million objects costs seconds of CPU, and where it is traced fifteen times as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Optional

from ..objects import kinds, lrucaches
from ..objects.liveobjects import LiveObjects
from ..process.engines import Engines
from . import roots
from .containment import Named
from .walk import Walk


class HeapSnapshot:
    """The target's objects and, by owner path, its containers; ``owners`` are the paths that will be asked for, or all.

    It keeps what it found alive: drop it with the answer.
    """

    def __init__(self, owners: Optional[Iterable[str]], engines: Engines) -> None:
        self._owners = None if owners is None else frozenset(owners)
        self._engines = engines
        self.live = LiveObjects()

    @cached_property
    def _walk(self) -> Walk:
        walk = Walk(wanted=self._owners)
        self._engines.mark_seen(walk.seen)
        root_walk = roots.RootWalk(walk, self.live)
        root_walk.of_application()
        root_walk.of_libraries()
        return walk

    @cached_property
    def named(self) -> Named:
        """The containers of all paths that were asked for, and the Socket.IO servers' own."""
        found = self._walk.found
        paths = found if self._owners is None else [path for path in self._owners if path in found]
        own = [(path, part) for path in paths for each in found[path].containers or () for part in parts_of(each)]
        return [*own, *self._engines.owned()]

    def containers(self, owner: str, metric: str) -> list[Any]:
        """Return the containers that stand under an owner path, or under a label of the Socket.IO library."""
        if metric.startswith("library:"):
            return self._engines.containers(metric.partition(":")[2])
        found = self._walk.found.get(owner)
        return (found.containers or []) if found else []

    def buffers(self, owner: str) -> list[Any]:
        """Return the buffers that stand under an owner path."""
        found = self._walk.buffers.get(owner)
        return (found.things or []) if found else []


def parts_of(container: Any) -> list[Any]:
    """Return a container, and, where it is a cache, the dict in it as well, which holds what was asked for."""
    is_cache = kinds.kind_of_type(type(container)) == kinds.CACHE
    return [container, *(lrucaches.tables_of(container) if is_cache else ())]
