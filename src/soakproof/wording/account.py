"""Where the memory went, in a sentence: in use by Python, in use by C, held free by the allocators, or elsewhere."""

from __future__ import annotations

from soakproof.judge.verdict import MemoryAccount
from soakproof.wording.numbers import say_bytes

LEAST_BYTES = 1 << 19  # less is told from none by nobody
LEAST_SHARE = 0.01

PARTS = {
    "python_in_use": "in use by Python",
    "heap_in_use": "in use by C",
    "mapped": "mapped by C",
    "heap_free": "held free by malloc",
    "python_free": "held free by Python's allocator",
    "stacks": "in thread stacks",
    "files": "of files",
    "shared": "shared",
    "other": "elsewhere",
}
MALLOC_ADVICE = (
    "Start the server with MALLOC_ARENA_MAX=2 in its environment (or another malloc, by LD_PRELOAD), and soak again: "
    "the same line tells by how much it helps."
)
PYMALLOC_ADVICE = (
    "Python gives an arena back only when nothing in it is in use. The next peak uses it again; what was made at the "
    "peak and is still there, a cache say, pins it."
)
COLLECTOR_ADVICE = (
    "Garbage in cycles waits until the collector comes: lower what was set by `gc.set_threshold`, call `gc.collect()` "
    "now and then, or break the cycles."
)


def say_account(account: MemoryAccount) -> str:
    """Return by how much RSS rose since before the first client, and what of that is whose; without a full stop."""
    before, after = sum(account.first.values()), sum(account.last.values())
    rise = after - before
    if abs(rise) < LEAST_BYTES:
        return f"RSS is where it was before the first client, at {say_bytes(after)}{_say_given_back(account)}"
    moved = f"RSS {'rose' if rise > 0 else 'fell'} by {say_bytes(abs(rise))} to {say_bytes(after)}"
    return f"{moved} since before the first client{_say_parts(account, rise)}{_say_given_back(account)}"


def advise_on_account(account: MemoryAccount) -> list[str]:
    """Return what to do about memory that is no leak, and that the process keeps all the same."""
    gains = {name: account.last[name] - account.first[name] for name in account.first}
    match account.keeper:
        case "allocator" if gains["heap_free"] >= gains["python_free"]:
            return [MALLOC_ADVICE]
        case "allocator":
            return [PYMALLOC_ADVICE]
        case "collector":
            return [COLLECTOR_ADVICE]
        case _:
            return []


def _say_parts(account: MemoryAccount, rise: float) -> str:
    """Return what the parts gained that moved most, after a colon."""
    gains = {name: account.last[name] - account.first[name] for name in PARTS}
    least = max(LEAST_BYTES, LEAST_SHARE * abs(rise))
    moved = [name for name in gains if abs(gains[name]) >= least]
    said = [
        f"{say_bytes(gains[name])} {name_part(name, account)}"
        for name in sorted(moved, key=lambda name: -abs(gains[name]))
    ]
    return f": {', '.join(said)}" if said else ""


def name_part(name: str, account: MemoryAccount) -> str:
    """Return whose a part of RSS is, and in how many arenas or stacks where that tells something."""
    match name:
        case "heap_free":
            return f"{PARTS[name]}{_say_arenas(account)}"
        case "stacks":
            return f"in {account.thread_stacks:,} thread stack{_plural(account.thread_stacks)}"
        case _:
            return PARTS[name]


def list_parts(account: MemoryAccount) -> list[tuple[str, str, str, str]]:
    """Return the parts that there are as rows, what they add up to last: whose, at first, at last, and the change."""
    rows = [(name_part(name, account), account.first[name], account.last[name]) for name in PARTS]
    rows = [row for row in rows if any(row[1:])]
    rows.append(("RSS", sum(account.first.values()), sum(account.last.values())))
    return [(name, say_bytes(first), say_bytes(last), say_change(last - first)) for name, first, last in rows]


def say_change(change: float) -> str:
    """Return a change with its sign."""
    return f"{'+' if change > 0 else ''}{say_bytes(change)}"


def _say_given_back(account: MemoryAccount) -> str:
    """Return what only happens because soakproof asks for it, as the end of the sentence."""
    said = []
    if account.trimmed >= LEAST_BYTES:
        said.append(f"; asked to, malloc gave back up to {say_bytes(account.trimmed)}")
    if account.garbage >= LEAST_BYTES:
        waiting = f"{say_bytes(account.garbage)} in {account.garbage_objects:,} objects"
        said.append(f"; up to {waiting} waited for the collector")
    return "".join(said)


def _say_arenas(account: MemoryAccount) -> str:
    """Return in how many heaps of glibc's it lies; nothing where another allocator has malloc's place."""
    return f" in {account.arenas:,} arena{_plural(account.arenas)}" if account.arenas else ""


def _plural(number: int) -> str:
    return "" if number == 1 else "s"
