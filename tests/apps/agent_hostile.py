"""Thousands of modules, classes and instances that answer whoever asks them anything with an error, a lie, or never.

``populate(SEED, NUMBER)`` makes them. Whatever of theirs runs in a thread that `threading` does not know, the
agent's, is noted: `intrusions`. As a program it makes them, says ``ready`` and answers each line with what was noted.
"""

from __future__ import annotations

import _thread
import asyncio
import collections
import functools
import random
import sys
import threading
import types
import weakref
from typing import Any

KEPT: list[Any] = []
NAMED: dict[str, Any] = {}
GROWS: dict[int, str] = {}  # an honest container among them, that must be counted all the same
intrusions: list[str] = []
_depth = threading.local()


class HostileError(Exception):
    """What most of them raise."""


def misbehave(name: str, dice: int) -> Any:
    """Note who asks, then do one of what no reading must ever meet."""
    if _thread.get_ident() not in known_threads():
        intrusions.append(name)
    outcome = dice % 6
    if outcome == 0:
        raise HostileError(name)
    if outcome == 1:
        raise SystemExit(name)
    if outcome == 2:
        raise AttributeError(name)
    if outcome == 3:
        raise KeyboardInterrupt(name)
    return -1 if outcome == 4 else types.ModuleType


def known_threads() -> set[int]:
    """Return the threads that belong to the program."""
    return set(threading._active)


SPECIAL = (
    "__len__", "__hash__", "__eq__", "__repr__", "__str__", "__iter__", "__bool__", "__getattr__", "__getattribute__",
    "__contains__", "__getitem__", "__sizeof__", "__format__", "__call__", "__get__", "__dir__", "__class_getitem__",
    "__instancecheck__", "__subclasscheck__", "__reduce_ex__", "__index__", "__int__", "__lt__", "__length_hint__",
    "items", "values", "keys", "get", "done", "get_coro", "cache_info", "fileno",
)  # fmt: skip
BASES: tuple[type, ...] = (
    object, dict, list, set, frozenset, tuple, str, int, bytes, collections.deque, collections.OrderedDict,
    collections.defaultdict, collections.Counter, Exception, OSError, types.ModuleType, asyncio.Future, asyncio.Task,
    weakref.WeakSet, weakref.WeakValueDictionary, weakref.WeakKeyDictionary, weakref.ref, functools.partial,
    threading.local, threading.Thread, property, collections.UserDict, types.SimpleNamespace, bytearray,
)  # fmt: skip


def method(name: str, dice: int) -> Any:
    """Return a method that misbehaves."""
    return lambda *_args, **_named: misbehave(name, dice)


class LyingText(str):
    """A text that must not be used as one."""

    __slots__ = ()
    __hash__ = str.__hash__
    __format__ = __len__ = __eq__ = __str__ = __add__ = __iter__ = method("LyingText", 0)  # type: ignore[assignment]


class Meta(type):
    """A metaclass that is asked nothing either."""

    __getattribute__ = method("Meta.__getattribute__", 0)  # type: ignore[assignment]
    __hash__ = method("Meta.__hash__", 0)
    __eq__ = method("Meta.__eq__", 0)  # type: ignore[assignment]
    __instancecheck__ = method("Meta.__instancecheck__", 1)
    __len__ = method("Meta.__len__", 0)


def make_class(dice: random.Random, number: int) -> type:
    """Return a class that is hostile in a few of all ways."""
    namespace: dict[str, Any] = {
        name: method(name, dice.randrange(6)) for name in dice.sample(SPECIAL, dice.randrange(1, 10))
    }
    if dice.random() < 0.3:
        namespace["__class__"] = dice.choice(
            [property(method("__class__", dice.randrange(6))), types.ModuleType, asyncio.Task, dict, 7]
        )
    if dice.random() < 0.3:
        namespace["__dict__"] = dice.choice([property(method("__dict__", dice.randrange(6))), None, [1], "no"])
    if dice.random() < 0.2:
        namespace["__slots__"] = dice.choice([(), ("kept", "other"), ("__dict__",), ("__weakref__", "kept")])
    if dice.random() < 0.2:
        namespace["__module__"] = dice.choice(["builtins", "engineio.server", "asyncio.tasks", "", "no.such", 7, None])
    if dice.random() < 0.1:
        namespace["__qualname__"] = LyingText("Server")
    namespace["members"] = {} if dice.random() < 0.5 else property(method("members", dice.randrange(6)))
    bases = (dice.choice(BASES),)
    kind = Meta if dice.random() < 0.2 else type
    try:
        return type.__call__(kind, f"Hostile{number}", bases, namespace)
    except BaseException:  # noqa: BLE001 -- whatever it raises
        namespace.pop("__slots__", None)
        namespace.pop("__dict__", None)
        return type.__call__(type, f"Hostile{number}", (object,), namespace)


def make_instance(of: type, dice: random.Random) -> Any:
    """Return an instance of a class, half of them never initialised; the class itself where it makes none."""
    arguments: tuple[Any, ...] = ()
    base = next(each for each in type.__dict__["__mro__"].__get__(of)[1:] if any(each is known for known in BASES))
    if base is functools.partial:
        arguments = (print, [], {})
    if base is weakref.ref:
        arguments = (HostileError,)
    try:
        made = base.__new__(of, *arguments)
    except BaseException:  # noqa: BLE001 -- whatever it raises
        return of
    for name, value in (("kept", [0, 1, 2]), ("other", {}), ("_name", 7), (LyingText("odd"), [])):
        try:
            object.__setattr__(made, name, value)
        except BaseException:  # noqa: BLE001 -- whatever it raises
            continue
    if dice.random() < 0.1 and base is dict:
        dict.__setitem__(made, "itself", made)
    return made


def make_module(dice: random.Random, number: int) -> None:
    """Put a module, or something that says it is one, into `sys.modules`."""
    name = f"hostile_module_{number}"
    choice = dice.randrange(5)
    module: Any = types.ModuleType(name)
    if choice == 0:
        module.__file__ = dice.choice(["/dev/stdin", "/dev/zero", 7, "\0", "/proc/self/mem", LyingText("/tmp/x.py")])
        module.__getattr__ = method("module.__getattr__", 0)
    elif choice == 1:
        module = make_instance(make_class(dice, number), dice)
    elif choice == 2:
        module = type(
            "Lying", (), {"__class__": property(lambda self: types.ModuleType), "__getattribute__": method("m", 0)}
        )()
    elif choice == 3:
        module = types.ModuleType.__new__(type("Half", (types.ModuleType,), {"__getattribute__": method("m", 2)}))
    else:
        module.__dict__[LyingText("odd things")] = {1: 2}
        module.__dict__["things"] = [[]]
        module.__dict__[7] = {}
    dict.__setitem__(sys.modules, name, module)


def make_odds(dice: random.Random) -> Any:
    """Return one of what is odd by itself, without a class of its own."""

    def annotated(a: nowhere = 1, *, b: list[int] = []) -> None:  # noqa: B006, F821  # type: ignore[name-defined]
        misbehave("annotated", 0)

    annotated.__module__ = dice.choice([None, 7, [], LyingText("app")])  # type: ignore[assignment]
    annotated.__qualname__ = LyingText("annotated")
    annotated.kept = {}  # type: ignore[attr-defined]
    odd_code = annotated.__code__.replace(co_filename=LyingText("/tmp/odd.py"), co_name=LyingText("odd"))
    by_hand = functools._lru_cache_wrapper(print, 10, 0, method("cache_info_type", 0))  # type: ignore[attr-defined]
    coroutine = (each for each in [annotated])
    coroutine.__qualname__ = LyingText("coroutine")  # type: ignore[union-attr]
    return dice.choice(
        [
            annotated,
            types.FunctionType(odd_code, {"__name__": 7}),
            by_hand,
            coroutine,
            asyncio.Task.__new__(asyncio.Task),
            asyncio.Future.__new__(asyncio.Future),
            BaseException.__new__(HostileError),
            {10**5000: [], LyingText("key"): {}},
            types.MappingProxyType(collections.UserDict()),
            functools.partial(annotated, [], key=[]),
        ]
    )


class HalfClass(type):
    """A metaclass that stands in the middle of making a class for as long as the program runs."""

    begun = threading.Event()

    def mro(cls) -> list[type]:
        """Never return, in the first thread that asks."""
        if threading.current_thread().name == "half-class":
            HalfClass.begun.set()
            threading.Event().wait()
        return super().mro()


def populate(seed: int, number: int) -> None:
    """Make so many of each: modules, classes with an instance, and odds."""
    dice = random.Random(seed)
    threading.Thread(target=lambda: HalfClass("Half", (), {"kept": {}}), name="half-class", daemon=True).start()
    HalfClass.begun.wait()
    for at in range(number):
        if at % 5 == 0:
            make_module(dice, at)
        of = make_class(dice, at)
        KEPT.append(of)
        made = make_instance(of, dice)
        KEPT.append([made])
        NAMED[f"thing{at}"] = made
        if at % 7 == 0:
            KEPT.append(make_odds(dice))
    threading._active[LyingText("ident")] = threading.Thread.__new__(threading.Thread)  # type: ignore[index,attr-defined]
    sys.argv.append(KEPT)  # type: ignore[arg-type]


def told() -> str:
    """Return what was run by who must not, nothing where nothing was."""
    return ",".join(sorted(set(intrusions)))


if __name__ == "__main__":
    populate(int(sys.argv[1]), int(sys.argv[2]))
    print("ready", flush=True)
    for each in sys.stdin:
        GROWS[len(GROWS)] = each
        print(f"done {told()}", flush=True)
