"""The most entries that the dict inside a cache of a known library can hold: such a dict does not tell by itself.

Only what enforces its size on every insertion is trusted: the caches of cachetools, unless they weigh their entries or
a subclass has replaced what evicts, and those of async_lru. An attribute called ``maxsize`` proves nothing by itself.
"""

from __future__ import annotations

from typing import Any, Optional

from . import instances, kinds
from .liveobjects import LiveObjects

# class -> the attribute that has its size, and those that hold an entry for each of its entries
_CACHES: dict[str, tuple[str, frozenset[str]]] = {
    "cachetools:Cache": (
        "_Cache__maxsize",
        frozenset(
            ("_Cache__data", "_FIFOCache__order", "_LFUCache__links", "_LFUCache__counter", "_LRUCache__order",
             "_MRUCache__order", "_RRCache__index", "_RRCache__keys", "_TTLCache__links", "_TLRUCache__items")
        ),
    ),
    "async_lru:_LRUCacheWrapper": ("_LRUCacheWrapper__maxsize", frozenset(("_LRUCacheWrapper__cache",))),
}  # fmt: skip
_PARTS = frozenset().union(*(parts for _, parts in _CACHES.values()))
_EVICTING = ("__setitem__", "__delitem__", "popitem", "getsizeof")


def bound_of_part(path: str, container: Any, live: LiveObjects) -> Optional[int]:
    """Return the most entries that the container at an owner path can hold because of the cache it is a part of."""
    name = path.rpartition(".")[2]
    if name not in _PARTS:
        return None
    for key, things in live.groups.items():
        base = known_base(live.types[key])
        if base is None or name not in _CACHES[base][1]:
            continue
        for cache in things:
            namespace = instances.instance_dict(cache) or {}
            if namespace.get(name) is container:
                return enforced_size(cache, base, namespace)
    return None


def known_base(of: type) -> Optional[str]:
    """Return the known cache class that a type is, or descends from."""
    return next((name for base in kinds.mro_of(of) if (name := kinds.name_of_type(base)) in _CACHES), None)


def enforced_size(cache: Any, base: str, namespace: dict[str, Any]) -> Optional[int]:
    """Return the size that a cache keeps to, in entries; None where it weighs them, or evicts in a way of its own."""
    package = base.partition(":")[0]
    of = type(cache)
    for name in _EVICTING:
        owner = next((each for each in kinds.mro_of(of) if name in dict(kinds.class_items(each))), None)
        if name in namespace or (owner is not None and not is_of_package(owner, package)):
            return None
    size = namespace.get(_CACHES[base][0])
    return size if type(size) is int else None


def is_of_package(of: type, package: str) -> bool:
    """Tell whether a class was defined in a package, or is one of Python's own."""
    module = kinds.module_of_type(of)
    return module.partition(".")[0] in (package, "collections", "_collections_abc", "builtins")
