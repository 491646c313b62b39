"""What an object is and what it holds, without calling a line of the target's code.

Only C slots are used: ``dict.__len__`` and not ``len``, the genuine ``__dict__`` descriptor and not
``__getattribute__``, ``type``'s own getters and not a metaclass'. Types are told apart by ``id``, because a metaclass
may define ``__hash__``. What instances hold under names is read in `instances`.
"""

from __future__ import annotations

import gc
import types
import weakref
from collections import deque
from collections.abc import Collection, Iterable
from itertools import compress
from typing import Any, Optional

from ..origin import modulenames
from . import buffers, lrucaches
from .lrucaches import LruCache

LEAF, MAPPING, LIST, SET, DEQUE, TUPLE, INSTANCE, STRUCTURE, CACHE, TEXT, BUFFER = range(11)
CONTAINERS = frozenset((MAPPING, LIST, SET, DEQUE))
COUNTED = CONTAINERS | {TUPLE}  # a tuple grows by being copied, under a name that stays
BUFFERS = frozenset((TEXT, BUFFER))
EXACT = frozenset((LEAF, TUPLE, CACHE, STRUCTURE))

_type_dict: Any = type.__dict__["__dict__"].__get__
_type_mro: Any = type.__dict__["__mro__"].__get__
_type_module: Any = type.__dict__["__module__"].__get__
_type_qualname: Any = type.__dict__["__qualname__"].__get__

_deque_maxlen: Any = deque.__dict__["maxlen"].__get__

_LEAVES: tuple[type, ...] = (
    int, float, bool, complex, type(None), type(...), type(NotImplemented), range, slice,
    types.CodeType, types.WrapperDescriptorType, types.MethodWrapperType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType, types.GetSetDescriptorType,
    types.MemberDescriptorType,
)  # fmt: skip
_STRUCTURES: tuple[type, ...] = (
    types.FunctionType, types.MethodType, types.BuiltinMethodType, types.ModuleType, types.FrameType,
    types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType, types.CellType, types.MappingProxyType,
    types.TracebackType, weakref.ReferenceType,
    property, staticmethod, classmethod, super,
)  # fmt: skip
# What an iterator goes through belongs to somebody else, or is a copy that lives as long as the loop: the sweep of
# Engine.IO holds one of all sockets.
_ITERABLES: tuple[Any, ...] = ({}, {}.values(), {}.items(), [], (), set(), deque())
_ITERATORS: tuple[type, ...] = tuple(type(iter(each)) for each in _ITERABLES)
_BY_TYPE: dict[int, int] = {id(leaf): LEAF for leaf in _LEAVES}
_BY_TYPE.update({id(structure): STRUCTURE for structure in (*_STRUCTURES, *_ITERATORS)})
_BY_TYPE.update({id(dict): MAPPING, id(list): LIST, id(set): SET, id(deque): DEQUE, id(LruCache): CACHE})
_BY_TYPE.update({id(tuple): TUPLE, id(frozenset): TUPLE})
_BY_TYPE.update(dict.fromkeys(buffers.SIZES, BUFFER))
_BY_TYPE.update({id(str): TEXT, id(bytes): TEXT})
_BASES: tuple[tuple[type, int], ...] = (
    (type, STRUCTURE), (types.ModuleType, STRUCTURE), (weakref.ReferenceType, STRUCTURE), (dict, MAPPING), (list, LIST),
    (set, SET), (deque, DEQUE), (tuple, TUPLE), (frozenset, TUPLE), (BaseException, INSTANCE), (str, LEAF),
    (int, LEAF), (float, LEAF), (bytes, LEAF), (LruCache, CACHE),
)  # fmt: skip
# Python's own that know their size best; a class of the target's may say that it is one of them.
_SIZED_TYPES: tuple[type, ...] = (
    object, dict, list, set, frozenset, tuple, str, bytes, bytearray, int, float, type, types.CodeType, types.FrameType,
    types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType,
)  # fmt: skip
_SIZED = frozenset(map(id, _SIZED_TYPES))
REFERENCES = frozenset((id(weakref.ReferenceType), id(weakref.KeyedRef)))
_WEAK: tuple[type, ...] = (weakref.WeakSet, weakref.WeakValueDictionary, weakref.WeakKeyDictionary)


def _length_of_fixed(thing: Any) -> int:
    return tuple.__len__(thing) if is_of(thing, tuple) else frozenset.__len__(thing)


LENGTHS: dict[int, Any] = {
    MAPPING: dict.__len__, LIST: list.__len__, SET: set.__len__, DEQUE: deque.__len__, TUPLE: _length_of_fixed,
}  # fmt: skip


class Kinds(dict[int, int]):
    """The kind of each type by its ``id``; lives as long as one walk, in which no type can die."""

    def __init__(self) -> None:
        super().__init__(_BY_TYPE)
        late = buffers.late_sizes()
        self.update(dict.fromkeys(late, BUFFER))
        self.buffer_sizes = {**buffers.SIZES, **late}

    def of(self, candidate: type) -> int:
        """Return the kind of a type."""
        kind = self.get(id(candidate))
        if kind is None:
            kind = self[id(candidate)] = kind_of_type(candidate)
        return kind

    def select(self, things: Iterable[Any], wanted: frozenset[int]) -> list[Any]:
        """Return the things of a wanted kind; a loop of C alone, because there may be millions."""
        things = things if type(things) is list else list(things)
        ids = list(map(id, map(type, things)))
        distinct = self._learn(things, ids)
        return pick(things, ids, {key for key in distinct if self[key] in wanted}, distinct)

    def split(self, things: list[Any], wanted: frozenset[int]) -> tuple[dict[int, list[Any]], Collection[int]]:
        """Return the things of each wanted kind, in the order of their first things; and the ``id`` of all types."""
        ids = list(map(id, map(type, things)))
        distinct = self._learn(things, ids)
        keys: dict[int, set[int]] = {}
        for key in distinct:
            if self[key] in wanted:
                keys.setdefault(self[key], set()).add(key)
        return {kind: pick(things, ids, of_kind, distinct) for kind, of_kind in keys.items()}, distinct

    def _learn(self, things: list[Any], ids: list[int]) -> dict[int, None]:
        """Return the ``id`` of each type among the things once, in order, and know their kinds."""
        distinct = dict.fromkeys(ids)
        if not distinct.keys() <= self.keys():
            self.update((key, self.of(of)) for key, of in dict(zip(ids, map(type, things))).items())  # noqa: B905 -- strict is of Python 3.10
        return distinct

    def count_entries(self, container: Any) -> int:
        """Return how many entries a container or an ``lru_cache`` has."""
        kind = self.of(type(container))
        return lrucaches.size_of(container) if kind == CACHE else size_of(container, kind)

    def select_named(self, items: Iterable[tuple[Any, Any]], wanted: frozenset[int]) -> list[tuple[Any, Any]]:
        """Return the pairs of a name and a thing of a wanted kind."""
        get, likely = self.get, wanted | {None}
        likely_items = [item for item in items if get(id(type(item[1]))) in likely]
        return [item for item in likely_items if self.of(type(item[1])) in wanted]


def pick(things: list[Any], ids: list[int], wanted: set[int], distinct: Collection[int]) -> list[Any]:
    """Return the things whose type's ``id`` is wanted, given the ``id`` of each one's type, and those of all types."""
    if len(wanted) == len(distinct):
        return things
    return list(compress(things, map(wanted.__contains__, ids))) if wanted else []


def kind_of_type(candidate: type) -> int:
    """Return what instances of a type are: leaf, one of the containers, structure of the program, or instance."""
    if id(candidate) in _BY_TYPE:
        return _BY_TYPE[id(candidate)]
    mro = mro_of(candidate)
    for base, kind in _BASES:
        if any(each is base for each in mro):
            return kind
    return INSTANCE


def has_base(candidate: type, base: type) -> bool:
    """Tell whether a type descends from another, asking neither of their metaclasses."""
    for each in mro_of(candidate):  # noqa: SIM110 -- a generator takes twice the time, and this is asked most
        if each is base:
            return True
    return False


def is_weak(candidate: type) -> bool:
    """Tell whether a type is a collection of weak references: it grows with what somebody else keeps."""
    return any(has_base(candidate, each) for each in _WEAK)


def is_of(thing: Any, base: type) -> bool:
    """Tell whether an object's real type descends from ``base``."""
    return has_base(type(thing), base)


def mro_of(candidate: type) -> tuple[type, ...]:
    """Return a type's method resolution order; empty while its metaclass is making that up."""
    mro = _type_mro(candidate)
    return mro if type(mro) is tuple else ()


def class_dict(candidate: type) -> Any:
    """Return what a class itself defines, as a mapping to be read; empty while it is being made."""
    namespace = _type_dict(candidate)
    return {} if namespace is None else namespace


def class_items(candidate: type) -> list[tuple[str, Any]]:
    """Return the attributes a class itself defines, those under plain texts."""
    return [item for item in class_dict(candidate).copy().items() if type(item[0]) is str]


def class_attribute(candidate: type, name: str) -> Any:
    """Return what a class or its bases define under a name, as it lies there; raise KeyError when nothing does."""
    for base in mro_of(candidate):
        namespace = class_dict(base)
        if name in namespace:
            return namespace[name]
    raise KeyError(name)


def module_of_type(candidate: type) -> str:
    """Return the module a type says it is from, by the name that is told."""
    try:
        module = _type_module(candidate)
    except AttributeError:  # one of C that was given no module
        return "?"
    return modulenames.tell(plain_text(module))


def plain_text(thing: Any) -> str:
    """Return a text as a plain one: a class of the target's that derives from `str` may run code when it is used."""
    if type(thing) is str:
        return thing
    return str.__str__(thing) if is_of(thing, str) else "?"


def qualname_of_type(candidate: type) -> str:
    """Return a type's qualified name."""
    return plain_text(_type_qualname(candidate))


def name_of_type(candidate: type) -> str:
    """Return ``module:qualname`` of a type."""
    return f"{module_of_type(candidate)}:{qualname_of_type(candidate)}"


def name_of_function(function: Any) -> str:
    """Return ``module:qualname`` of a function."""
    return f"{modulenames.tell(plain_text(function.__module__))}:{plain_text(function.__qualname__)}"


def describe_type(candidate: type) -> str:
    """Return ``module.qualname``, the module left out for builtins."""
    module = module_of_type(candidate)
    qualname = qualname_of_type(candidate)
    return qualname if module == "builtins" else f"{module}.{qualname}"


def size_of(container: Any, kind: int) -> int:
    """Return how many entries a container has, by the slot of its builtin base."""
    size: int = LENGTHS[kind](container)
    return size


def count_watching(container: Any, kind: int) -> int:
    """Return how many entries only watch a living object, each one of its own: weak references that keep nothing.

    Such a list grows with what somebody else keeps. References to what is gone are a growth of its own, and so are
    many to one object.
    """
    references = (each for each in entries_of(container, kind) if id(type(each)) in REFERENCES)
    alive = map(weakref.ref.__call__, references)
    return len({id(thing) for thing in alive if thing is not None})


def count_entries(thing: Any) -> Optional[int]:
    """Return how many entries a container or an ``lru_cache`` has, None for anything else."""
    kind = kind_of_type(type(thing))
    if kind == CACHE:
        return lrucaches.size_of(thing)
    return size_of(thing, kind) if kind in COUNTED else None


def own_bytes(thing: Any) -> int:
    """Return the bytes of an object itself, by the slot of the builtin it is or descends from."""
    of: Any = next((base for base in mro_of(type(thing)) if id(base) in _SIZED), object)
    size: int = of.__sizeof__(thing)
    return size


def entries_of(container: Any, kind: int) -> list[Any]:
    """Return a copy of what a container, tuple or frozen set holds; of a mapping the values."""
    if kind == MAPPING:
        return list(dict.values(container))
    if type(container) is list or type(container) is tuple:
        return gc.get_referents(container)[::-1]  # some types of C keep one for themselves with places that are empty
    if kind == TUPLE:
        return list(tuple.__iter__(container) if is_of(container, tuple) else frozenset.__iter__(container))
    iterate: Any = {LIST: list.__iter__, SET: set.__iter__, DEQUE: deque.__iter__}[kind]
    return list(iterate(container))


def has_order(container: Any) -> bool:
    """Tell whether what came last into a container, tuple or frozen set stands at its end."""
    return not (is_of(container, set) or is_of(container, frozenset))


def bound_of(container: Any) -> Optional[int]:
    """Return the most entries a container can hold by its own making: a deque's ``maxlen``, an lru_cache's maxsize."""
    bound: Optional[int] = None
    if is_of(container, deque):
        bound = _deque_maxlen(container)
    elif is_of(container, LruCache):
        bound = lrucaches.bound_of(container)
    return bound
