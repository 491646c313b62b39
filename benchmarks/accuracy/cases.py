"""The cases of the campaign: what is run against which server, and which verdicts are right."""

from __future__ import annotations

import fnmatch
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.accuracy.animals import ANIMALS
from benchmarks.accuracy.truths import COLLABORATION, LEAKS, TRAPS, Truth

Group = Literal["natural", "trap", "clean", "rare", "default", "zoo", "zoo clean", "newer", "newer clean"]

# As short as can tell one entry in a hundred connections (19 entries in 1,960, whose Poisson limit is above half of it)
# and native memory, which needs eight rest points. The server's two hours pass in a second; a trap's five do not.
PLAN = ("--waves", "7", "--clients", "280", "--warmup", "2", "--steady", "0", "--drain", "5", "--ping", "0.5")
TRAP_PLAN = (*PLAN, "--drain", "10")
SLICE_PLAN = ("--waves", "5", "--clients", "100", "--warmup", "1", "--steady", "0", "--drain", "3")
SERVER = ("-m", "server", "--port", "{port}", "--clock-speed", "7200")
NEWER = ("3.14", "3.15")  # where every dict is tracked by the collector
LOCKED = "3.14-locked"  # the same packages as soakproof's own environment has
ZOO_PLAN = ("--waves", "8", "--clients", "150", "--warmup", "2", "--steady", "0", "--drain", "5", "--ping", "0.5")
FORGETFUL = ("benchmarks/accuracy/forgetful.py", "{port}")

SCENARIOS: dict[str, tuple[str, ...]] = {
    "collaboration, close and graceful": (*COLLABORATION, "--drop", "close,graceful"),
    "collaboration, reset and vanish": (*COLLABORATION, "--drop", "reset,vanish"),
    "collaboration, mid-call, mid-binary and unacked": (*COLLABORATION, "--drop", "mid-call,mid-binary,unacked"),
    "collaboration, polling and upgrade-abort": (*COLLABORATION, "--drop", "polling,upgrade-abort,close"),
    "editors, close and graceful": ("-f", "loadtests/editors.py", "--drop", "close,graceful"),
    "editors, reset": ("-f", "loadtests/editors.py", "--drop", "reset"),
    "chat, close": ("-f", "loadtests/chat.py", "--drop", "close"),
    "chat, mid-call and reset": ("-f", "loadtests/chat.py", "--drop", "mid-call,reset"),
    "crawl, close and graceful": ("-f", "loadtests/crawl.py", "--drop", "close,graceful"),
    "crawl, vanish": ("-f", "loadtests/crawl.py", "--drop", "vanish"),
    "conference, storm": ("-f", "loadtests/conference.py", "--drop", "storm"),
    "botnet": ("-f", "loadtests/botnet.py", "--drop", "half-open,upgrade-abort,reject,mid-binary,vanish,reset"),
    "built-in clients, every event's room, close": ("--drop", "close", "--join", "subscribe_projects={}"),
    "built-in clients, held": ("--held", "--join", "subscribe_projects={}"),
    "collaboration, forty waves": (*COLLABORATION, "--drop", "close,graceful", "--waves", "40"),
}


@dataclass(frozen=True)
class Case:
    """One thing to be run again and again.

    ``target`` are the words after the interpreter, ``options`` those of ``soakproof run``, without what varies;
    ``python`` is the environment of another Python than soakproof's own: its version, or that with all packages.
    """

    name: str
    group: Group
    target: tuple[str, ...]
    options: tuple[str, ...]
    right: frozenset[str]
    truth: Truth | None = None
    python: str = ""

    @property
    def version(self) -> str:
        """The version of its Python; nothing for soakproof's own."""
        return self.python.partition("-")[0]

    def seed(self, number: int) -> int:
        """Return the seed of the case's run of that number: another for each, the same whenever it is asked for."""
        return zlib.crc32(f"{self.name} {number}".encode()) % 100_000


def leak(name: str, truth: Truth, rate: float | None = None) -> Case:
    """Return the case of a planted leak, at its natural rate or at a given one."""
    plant = name if rate is None else f"{name}@{rate:g}"
    group: Group = "natural" if rate is None else "rare"
    target = (*SERVER, "--plant", plant)
    return Case(plant, group, target, (*PLAN, *truth.options), frozenset({"leak"}), truth)


def trap(name: str) -> Case:
    """Return the case of a trap."""
    target = (*SERVER, "--plant", name)
    return Case(f"trap {name}", "trap", target, (*TRAP_PLAN, *COLLABORATION), frozenset({"bounded"}))


def clean(scenario: str, options: tuple[str, ...]) -> Case:
    """Return the case of the server as it is, under one scenario."""
    return Case(f"clean {scenario}", "clean", SERVER, (*PLAN, *options), frozenset({"bounded"}))


def default(name: str, every: tuple[str, ...], right: set[str], owner: str, python: str = "") -> Case:
    """Return the case of a small server under a run without any option of its plan."""
    truth = Truth(owner, r"forgetful\.py \S*welcome") if "leak" in right else None
    name = f"default {name}" + (f", Python {python}" if python else "")
    return Case(name, "default", (*FORGETFUL, *every), (), frozenset(right), truth, python)


def animal(name: str, truth: Truth) -> Case:
    """Return the case of an animal of the zoo that leaks."""
    target = ("-m", "benchmarks.zoo", name, "leaky", "{port}")
    return Case(f"zoo {name}", "zoo", target, zoo_plan(name), frozenset({"leak"}), truth)


def tame(name: str) -> Case:
    """Return the case of an animal of the zoo that does the same without leaking."""
    target = ("-m", "benchmarks.zoo", name, "clean", "{port}")
    return Case(f"zoo {name}, clean", "zoo clean", target, zoo_plan(name), frozenset({"bounded"}))


def zoo_plan(name: str) -> tuple[str, ...]:
    """Return the options for an animal: whose state stays for fifty seconds has a drain as long, and more waves."""
    return (*ZOO_PLAN, *(("--drain", "60", "--waves", "14") if name == "grace" else ()))


def newer(case: Case) -> Case:
    """Return a case with its target on a newer Python."""
    group: Group = "newer" if case.truth else "newer clean"
    on_newer = replace(case, group=group, python=LOCKED)
    return replace(on_newer, name=f"{case.name}, Python {on_newer.version}")


def all_cases() -> list[Case]:
    """Return every case, in the order in which a round goes through them."""
    cases = own_cases()
    return [*cases, *(newer(case) for case in cases if case.group not in {"rare", "default"})]


def own_cases() -> list[Case]:
    """Return the cases of soakproof's own Python, and of others those with default options."""
    return [
        *(leak(name, truth) for name, truth in LEAKS.items()),
        *(trap(name) for name in TRAPS),
        *(clean(name, options) for name, options in SCENARIOS.items()),
        *(leak(name, truth, truth.rare) for name, truth in LEAKS.items() if truth.rare),
        *(animal(name, truth) for name, truth in ANIMALS.items()),
        *(tame(name) for name in ANIMALS),
        default("one entry in 100", ("100", "0"), {"leak"}, r"VISITORS"),
        default("one object in 10", ("0", "10"), {"leak"}, r"\bVisit\b"),
        default("one lost object in 10", ("0", "0", "10"), {"leak"}, r"\b80\b"),
        default("64 bytes of a buffer", ("0", "0", "0", "64"), {"leak"}, r"AUDIT"),
        default("half the margin", ("400", "40"), {"bounded", "inconclusive"}, ""),
        *(default("one entry in 100", ("100", "0"), {"leak"}, r"VISITORS", python) for python in NEWER),
        *(default("one object in 10", ("0", "10"), {"leak"}, r"\bVisit\b", python) for python in NEWER),
        *(default("half the margin", ("400", "40"), {"bounded", "inconclusive"}, "", python) for python in NEWER),
    ]


def choose(rounds: int, only: str) -> Iterator[tuple[Case, int]]:
    """Yield the runs of so many rounds, those whose case's name or group matches a pattern alone.

    The first run of every case comes before the second of any.
    """
    patterns = only.split(",")
    for number in range(1, rounds + 1):
        for case in all_cases():
            if any(fnmatch.fnmatch(word, pattern) for word in (case.name, case.group) for pattern in patterns):
                yield case, number


def vary(case: Case, number: int) -> tuple[str, ...]:
    """Return the options that differ from run to run: the seed, and of clean runs the size of their waves."""
    seed = case.seed(number)
    sizes = ("--clients", str(random.Random(seed).randrange(200, 320))) if case.group == "clean" else ()  # noqa: S311
    return (*sizes, "--seed", str(seed))
