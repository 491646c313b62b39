"""What a ``functools.lru_cache`` holds, told by `functools`' own functions and never by the target's."""

from __future__ import annotations

import functools
import gc
from typing import Any, Optional

LruCache: Any = type(functools.lru_cache(maxsize=1)(lambda: None))
_cache_info = LruCache.cache_info
_CacheInfo: Any = type(_cache_info(functools.lru_cache(maxsize=1)(lambda: None)))


def size_of(cache: Any) -> int:
    """Return how many results a cache holds; 0 of one made by hand, whose answer is of a type of its own."""
    size: int = _cache_info(cache).currsize if _is_genuine(cache) else 0
    return size


def bound_of(cache: Any) -> Optional[int]:
    """Return how many results a cache can hold; None if there is no end to it, or it was made by hand."""
    bound: Optional[int] = _cache_info(cache).maxsize if _is_genuine(cache) else None
    return bound


def tables_of(cache: Any) -> list[dict[Any, Any]]:
    """Return the dicts that a cache refers to: what was asked of it, by its arguments, and its attributes."""
    return [each for each in gc.get_referents(cache) if type(each) is dict] if _is_genuine(cache) else []


def _is_genuine(cache: Any) -> bool:
    """Tell whether a cache answers with what `functools` has for that, and not with a type of the target's."""
    return id(_CacheInfo) in map(id, gc.get_referents(cache))
