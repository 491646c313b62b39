"""Cheap counters of a few containers: each owner path is resolved anew at every reading, and nothing is kept alive."""

from __future__ import annotations

import types
import weakref
from typing import Any, Callable, Optional

from ..objects import buffers, instances, kinds, lrucaches, tracked
from ..origin import classification, loaded

WeakReferences = list["weakref.ref[Any]"]


class Watch:
    """The watched owners; one that does not resolve for now reads as 0."""

    def __init__(self) -> None:
        self._readers: dict[str, Callable[[], float]] = {}

    def add(self, owners: list[str]) -> dict[str, Any]:
        """Watch owners from now on; return which are watched, and of the others why not."""
        refused: dict[str, str] = {}
        for owner in owners:
            try:
                reader, is_buffer = reader_of(owner)
                origin = classification.origin_of_module(owner.partition(":")[0])
                metric = classification.buffer_metric(owner) if is_buffer else classification.metric_of(owner, origin)
                self._readers[metric] = reader
            except ValueError as error:
                refused[owner] = str(error)
        return {"watched": [owner for owner in owners if owner not in refused], "refused": refused}

    def read(self) -> dict[str, float]:
        """Return the number of entries, or of a buffer's bytes, of each watched owner."""
        return {metric: read() for metric, read in self._readers.items()}


def reader_of(owner: str) -> tuple[Callable[[], float], bool]:
    """Return a function that reads the size of an owner path, and whether buffers stand there, which have bytes.

    Raises:
        ValueError: the path leads through entries or frames, or to no container or buffer.
    """
    module, _, path = owner.partition(":")
    names = path.split(".")
    if "[" in path or "<" in path or not path:
        raise ValueError("it leads through entries, frames or closures; only a census reads it")
    here = resolve(module, names)
    if size_of(here) is not None:
        return (lambda: size_of(resolve(module, names)) or 0.0), is_buffer(here)
    for split in range(len(names) - 1, 0, -1):
        of = resolve(module, names[:split])
        if kinds.is_of(of, type):
            return instances_reader(of, names[split:])
    raise ValueError("nothing is found under it now")


def instances_reader(of: type, names: list[str]) -> tuple[Callable[[], float], bool]:
    """Return a function that sums one attribute over the instances of a class that live now, and if it is buffers."""
    living: WeakReferences = []
    try:
        living = [weakref.ref(thing) for thing in tracked.objects() if type(thing) is of]
    except TypeError as error:
        raise ValueError("its class takes no weak references; only a census reads it") from error
    held = [thing for reference in living if size_of(thing := follow(reference(), names)) is not None]
    if not held:
        raise ValueError("no instance of its class holds such a container now")
    return (lambda: sum(size_of(follow(reference(), names)) or 0.0 for reference in living)), is_buffer(held[0])


def size_of(thing: Any) -> Optional[float]:
    """Return the entries of a container or the bytes of a buffer, None for anything else."""
    entries = kinds.count_entries(thing)
    return buffers.bytes_of(thing) if entries is None else entries


def is_buffer(thing: Any) -> bool:
    """Tell whether a thing is a buffer, whose size is in bytes."""
    return kinds.count_entries(thing) is None


def resolve(module: str, names: list[str]) -> Any:
    """Return what an owner path leads to, None where it leads nowhere."""
    return follow(loaded.attribute(module, names[0]), names[1:])


def follow(thing: Any, names: list[str]) -> Any:
    """Return what a chain of attributes leads to from a thing, None where it breaks off."""
    for name in names:
        if thing is None:
            return None
        thing = step(thing, name)
    return thing


def step(thing: Any, name: str) -> Any:
    """Return an attribute of a class, a cached function or an instance, None where there is none."""
    try:
        if kinds.is_of(thing, type):
            return kinds.class_attribute(thing, name)
        if name == "cache" and kinds.is_of(thing, lrucaches.LruCache):
            return thing
        if type(thing) is types.FunctionType:
            return (instances.dict_in_slot(thing) or {}).get(name)
        return instances.attribute(thing, name)
    except (AttributeError, KeyError):
        return None
