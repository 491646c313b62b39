"""Whose each new object is: the first older one's on its way from the roots, so that shares add up to the growth.

Nearest first, as LeakCanary's shortest paths do: what came since the mark, and stays, is beneath exactly one older
object, and counts for the container that this is, or is part of. What an old container holds in place of what it held
before is turnover, and no growth. What no root leads to is told as such.
"""

from __future__ import annotations

import gc
import types
from collections import Counter
from collections.abc import Iterator
from typing import Any, Optional

from ..census.heapsnapshot import HeapSnapshot
from ..objects import buffers, kinds, tracked
from ..objects.attributes import is_attribute_dict
from ..origin import classification, sourcelines
from ..trace.allocations import Tracing
from . import retainersearch
from .shareholders import Shareholders, name_of_root

MOST_OBJECTS = 400_000  # looking at each takes microseconds
MOST_TYPES = 3
UNREACHED = ""
LOADED = "sys:modules"  # whose new modules are, with all that stands in them
ATOMS = frozenset((kinds.LEAF, kinds.TEXT))  # of old ones there are many, and nothing hangs on them
_ALIGNMENT_BYTES = 16  # of whatever Python allocates
_COLLECTED_BYTES = 16  # the collector's two words before each object that it tracks


class Share:
    """What one owner has gained: objects, bytes, and of which types."""

    __slots__ = ("bytes", "objects", "types")

    def __init__(self) -> None:
        self.objects = 0
        self.bytes = 0.0
        self.types: Counter[int] = Counter()


class Shares:
    """One look at everything that can be reached; drops what it knows when it is dropped."""

    def __init__(self, tracing: Tracing, snapshot: HeapSnapshot) -> None:
        self._tracing = tracing
        self._snapshot = snapshot
        self._holders = Shareholders(snapshot.named)
        self._kind_of = self._holders.kinds.of
        self._name = self._holders.name
        self._owners: dict[int, Optional[str]] = dict.fromkeys(retainersearch.closed_ids())
        self._came: list[tuple[Any, Optional[str]]] = []
        self._new: set[int] = set()
        self._namespaces: set[int] = set()
        self._types: dict[int, type] = {}
        self._of: dict[str, Share] = {}

    def find(self) -> list[dict[str, Any]]:
        """Return what each owner has gained, the most bytes first; ``owner`` is empty of what no root leads to.

        First all that is old is gone through, so that what only new things lead to is known to be new as well: of a
        list its address tells nothing, since it is soon used again.
        """
        for phase in retainersearch.root_phases(self._snapshot.live):
            self._follow([root for root in phase if self._enter_root(root)])
        for thing, owner in self._came:
            self._follow([thing] if self._enter_new(thing, owner) else [])
        for thing in self._lost():
            self._follow([thing] if self._enter_new(thing, UNREACHED) else [])
        by_bytes = sorted(self._of.items(), key=lambda pair: -pair[1].bytes)
        return [self._describe(owner, share) for owner, share in by_bytes]

    def _lost(self) -> list[Any]:
        """Return the new instances, and functions of the application, that nothing leads to; the rest hangs on them.

        What the agent looks with is of its own classes and functions, or of Python's.
        """
        return [
            thing
            for thing in tracked.objects()
            if id(thing) not in self._owners and self._is_new(thing) and is_of_program(thing)
        ]

    def _describe(self, owner: str, share: Share) -> dict[str, Any]:
        told = {kinds.describe_type(self._types[key]): number for key, number in self._most_telling(share)}
        return {"owner": owner, "objects": share.objects, "bytes": round(share.bytes), "types": told}

    def _most_telling(self, share: Share) -> list[tuple[int, int]]:
        """Return the types that say most of whose a share is: the program's classes, functions, then Python's own."""
        by_number = share.types.most_common()
        return sorted(by_number, key=lambda pair: tells_little(self._types[pair[0]]))[:MOST_TYPES]

    def _is_new(self, thing: Any) -> bool:
        return gc.is_tracked(thing) and self._tracing.marked.is_new(thing)

    def _enter_root(self, root: Any) -> bool:
        owner = name_of_root(root)
        if self._is_new(root):
            owner = LOADED if kinds.is_of(root, types.ModuleType) else owner
            self._came.append((root, owner))
            return False
        return self._enter(root, owner)

    def _enter(self, thing: Any, owner: Optional[str]) -> bool:
        """Note whose a thing is, unless that is known already; return whether it was noted now."""
        if id(thing) in self._owners:
            return False
        self._owners[id(thing)] = owner
        return True

    def _enter_new(self, thing: Any, owner: Optional[str]) -> bool:
        if not self._enter(thing, owner):
            return False
        self._new.add(id(thing))
        if owner is not None:
            share = self._of.setdefault(owner, Share())
            share.objects += 1
            share.bytes += bytes_of(thing)
            share.types[id(type(thing))] += 1
            self._types[id(type(thing))] = type(thing)
        return True

    def _follow(self, level: list[Any]) -> None:
        while level:
            level = [child for parent in level for child in self._pass(parent)]

    def _pass(self, parent: Any) -> Iterator[Any]:
        return self._pass_new(parent) if id(parent) in self._new else self._pass_old(parent)

    def _pass_old(self, parent: Any) -> Iterator[Any]:
        """Yield what old things an old one leads to first; note what new ones it does, and for whom they count."""
        owner = self._owners[id(parent)]
        gained = self._gained(parent)
        for child in self._children_of(parent):
            if is_namespace(parent, child):
                self._namespaces.add(id(child))
            if gained is not None and id(child) in gained:
                self._came.append((child, self._name(parent, owner)))
            elif self._is_new(child) and not self._is_old_anew(child):  # in a container it took another's place
                self._came.append((child, None if gained is not None else self._name(parent, owner)))
            elif self._kind_of(type(child)) not in ATOMS and self._enter(child, self._name(child, owner)):
                yield child

    def _is_old_anew(self, child: Any) -> bool:
        """Tell whether a new object is only another form of what was there: then what is in it may be old or new.

        An instance's ``__dict__`` is made when somebody asks for it, such as the agent as it explains; a tuple is
        copied whenever it grows.
        """
        return id(child) in self._namespaces or self._kind_of(type(child)) == kinds.TUPLE

    def _pass_new(self, parent: Any) -> Iterator[Any]:
        """Yield what only new things lead to: but for the links of an old chain that begins with a new one."""
        owner = self._owners[id(parent)]
        for child in self._children_of(parent):
            kind = self._kind_of(type(child))
            is_copy = kind == kinds.TUPLE and self._holders.is_named(child)
            if not is_copy and (kind != kinds.INSTANCE or self._is_new(child)):
                is_first = self._enter_new(child, owner)
            else:
                is_first = self._enter(child, self._name(child, owner))
            if is_first:
                yield child

    def _children_of(self, parent: Any) -> list[Any]:
        """Return what a thing refers to and nobody was seen to own; of a mapping the keys too, which are not shown.

        Of most, which are no part of the program or its execution, the collector tells all.
        """
        kind = self._kind_of(type(parent))
        children = retainersearch.children_of(parent) if kind == kinds.STRUCTURE else gc.get_referents(parent)
        if kind == kinds.MAPPING:
            children += dict.keys(parent)
        owners = self._owners
        return [child for child in children if id(child) not in owners and type(child) is not types.ModuleType]

    def _gained(self, parent: Any) -> Optional[set[int]]:
        """Return the ids of what an old container has gained, keys included; None of what is no container.

        Its own table has grown with it. The attributes of an object or class are none: what stands under a name may
        hold what stood there before, as the first link of a chain does.
        """
        kind = self._kind_of(type(parent))
        if id(parent) in self._namespaces:
            return None
        if kind not in kinds.CONTAINERS and not (kind == kinds.TUPLE and self._holders.is_named(parent)):
            return None
        size = kinds.size_of(parent, kind)
        grown = size - self._tracing.marked.size_of(parent)
        if grown <= 0:
            return set()
        owner = self._name(parent, self._owners[id(parent)])
        if owner is not None:
            self._of.setdefault(owner, Share()).bytes += kinds.own_bytes(parent) * grown / size
        return set(map(id, newest(parent, kind, grown, self._tracing)))


def is_namespace(holder: Any, held: Any) -> bool:
    """Tell whether what an object refers to are its attributes by their names."""
    return type(held) is dict and (kinds.is_of(holder, type) or is_attribute_dict(holder, held))


def is_of_python(of: type) -> bool:
    """Tell whether a type is Python's own, or its standard library's."""
    return classification.origin_of_module(kinds.module_of_type(of)) == classification.PYTHON


def tells_little(of: type) -> bool:
    """Tell whether a type is one of Python's that any program has many of; a function is the program's own code."""
    return of is not types.FunctionType and is_of_python(of)


def is_of_program(thing: Any) -> bool:
    """Tell whether a thing is an instance of a class that is not Python's, or a function of the application's."""
    if type(thing) is types.FunctionType:
        return sourcelines.is_application_file(thing.__code__.co_filename)
    return kinds.kind_of_type(type(thing)) == kinds.INSTANCE and not is_of_python(type(thing))


def newest(container: Any, kind: int, number: int, tracing: Tracing) -> list[Any]:
    """Return the entries that came last, so many of them; of mappings with their keys."""
    if kind == kinds.MAPPING:
        return [part for item in list(dict.items(container))[-number:] for part in item]
    held = kinds.entries_of(container, kind)
    return held[-number:] if kinds.has_order(container) else sorted(held, key=tracing.marked.is_new)[-number:]


def bytes_of(thing: Any) -> int:
    """Return the bytes that an object takes by itself, its buffer and the collector's words included, as allocated."""
    in_buffer = 0 if type(thing) in (str, bytes) else buffers.bytes_of(thing) or 0
    own = kinds.own_bytes(thing) + _COLLECTED_BYTES * gc.is_tracked(thing)
    return in_buffer + -(-own // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
