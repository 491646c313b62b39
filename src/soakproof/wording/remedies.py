"""What to do about a leak, by what it is: an entry is removed, a history bounded, a task ended, a descriptor closed."""

from __future__ import annotations

from typing import NamedTuple

from soakproof.culprits import Site
from soakproof.judge.verdict import Finding
from soakproof.metrickinds import Kind
from soakproof.samples import Metric
from soakproof.wording.culprits import is_memory, main_site, name_culprit, say_site

NATIVE = (
    "No container and no count of objects grows: look for buffers that swell, or memory that a C extension keeps; "
    "memray or a heap profiler of the C allocator shows who allocates it."
)
GARBAGE = "Leave the collector on, or have gc.collect() called now and then: reference cycles go no other way."
SEQUENCES = ("list", "tuple", "collections.deque")


class Remedy(NamedTuple):
    """What the line does that makes something stay, and what should be done; ``missing`` where no line is known."""

    verb: str
    what: str
    missing: str


ENTRIES = Remedy(
    "fills it",
    "remove the entry when the client that caused it leaves",
    "Find where {name} should lose its entries when a client leaves.",
)
HISTORY = Remedy(
    "fills it",
    "bound it (a deque with maxlen), or remove what a client added when that client leaves",
    "Find what adds to {name}: it wants a bound, or to lose what a client added when that client leaves.",
)
REMEDIES: dict[Kind, Remedy] = {
    "task": Remedy(
        "starts it",
        "have it end, or cancel it, when the client that caused it leaves",
        "Find what starts {name}: it should end, or be cancelled, when a client leaves.",
    ),
    "thread": Remedy(
        "starts it",
        "have it end when the client that caused it leaves, or have a pool of bounded size do its work",
        "Find what starts {name}: it should end when a client leaves, or its work be done by a pool of bounded size.",
    ),
    "fd": Remedy(
        "opens it",
        "close it when the client that caused it leaves",
        "Find what opens them ({name}): they should be closed when a client leaves.",
    ),
    "child": Remedy(
        "starts it",
        "wait for it when it has ended, and end it when the client leaves",
        "Find what starts them ({name}): they should end when a client leaves, and be waited for (Popen.wait).",
    ),
    "map": Remedy(
        "maps it",
        "close it when the client that caused it leaves",
        "Find what maps them ({name}): they should be closed when a client leaves.",
    ),
    "buffer": Remedy(
        "adds to it",
        "bound it, or cut what a client added when that client leaves",
        "Find what adds to {name}: it wants a bound, or to be cut when a client leaves.",
    ),
    "type": Remedy(
        "allocates what stays",
        "see what holds it, and let go of it when the client that caused it leaves",
        "Find what holds {name}: it should let go of them when a client leaves.",
    ),
    "blocks": Remedy(
        "allocates what stays",
        "see who keeps it: nothing that Python knows does, as where C code takes a reference and does not give it back",
        "See what was allocated and kept, by line, in the report: no container holds it.",
    ),
}
REMEDIES["heap"] = REMEDIES["blocks"]


def is_native(cause: Finding) -> bool:
    """Whether C code keeps it, whichever line of Python calls it."""
    return cause.culprit is not None and cause.culprit.memory == "native"


def _say_memory_remedy(site: Site | None, *, is_native: bool) -> str:
    if site is None:
        return NATIVE
    if is_native:
        return f"{say_site(site)} calls the C code that keeps it; see who is to give it back, and when."
    return f"{say_site(site)} allocates most of what stays; see what it adds to, and bound that."


def say_remedy(cause: Finding, info: Metric | None) -> str:
    """Return what to do about a leak, as one sentence; ``info`` tells of a container of what type it is."""
    site = main_site(cause)
    if cause.culprit and cause.culprit.memory == "garbage":
        return GARBAGE
    if is_memory(cause):
        return _say_memory_remedy(site, is_native=is_native(cause))
    remedy = find_remedy(cause, info)
    if site is not None and cause.kind == "blocks" and cause.culprit and cause.culprit.beneath:
        beneath = cause.culprit.beneath
        return f"{say_site(site)} allocates what stays; see where {beneath} keeps it, and let go of it in time."
    if site is None:
        return remedy.missing.format(name=name_culprit(cause))
    if site.role == "raises":
        return f"{say_site(site)} raises, so what should have followed in the library did not; mend the handler."
    is_filling = site.role == "fills" or remedy.verb != "fills it"
    return f"{say_site(site)} {remedy.verb if is_filling else 'allocates what stays'}; {remedy.what}."


def find_remedy(cause: Finding, info: Metric | None) -> Remedy:
    """Return what helps against a leak of its kind; of containers, a sequence is a history and all else has keys."""
    is_sequence = info is not None and info.container_type in SEQUENCES
    return REMEDIES.get(cause.kind, HISTORY if is_sequence else ENTRIES)
