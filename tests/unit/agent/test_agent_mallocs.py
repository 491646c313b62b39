"""An allocator in malloc's place: what it has given out is read off it, and what C code leaks through it is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import soakproof
from tests.programs import need

MIB = 1 << 20
LIBRARIES = {"jemalloc": "libjemalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4"}
SCRIPT = """
import ctypes, json, sys
sys.path.insert(0, sys.argv[1])
from agent.process import account, libc, memory, pymalloc
beside = [ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL) for path in sys.argv[2:]]
libc.load(); pymalloc.load()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
def take(times, size):
    kept = [c.malloc(size) for _ in range(times)]
    for each in kept:
        ctypes.memset(each, 1, size)
    return kept
def look():
    return [libc.in_use_bytes(), account.read(pymalloc.blocks_in_use()), memory.resident_bytes()]
told = [look()]
kept = take(4000, 5000)
told.append(look())
for each in kept:
    c.free(ctypes.c_void_p(each))
told.append(look())
libc.trim()
told.append(look())
print(json.dumps([libc.silent(), told]))
"""


def run(library: str, *beside: str) -> tuple[Any, list[Any]]:
    """Return what a process says in which an allocator takes 20 MB, frees them, and is asked to give them back."""
    environment = {**os.environ, "LD_PRELOAD": library}
    command = [sys.executable, "-c", SCRIPT, str(Path(soakproof.__file__).parent), *beside]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    silent, told = json.loads(done.stdout)
    return silent, told


@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
def test_what_is_in_use_is_what_the_allocator_says(library: str) -> None:
    """The C library's own answer stands still: a leak of 4,000 bytes per connection was called bounded to 22."""
    silent, (before, taken, freed, trimmed) = run(need(library))
    assert silent is None
    assert 4000 * 5000 <= taken[0] - before[0] < 1.1 * 4000 * 5000  # of its sizes, and counted once
    assert abs(freed[0] - before[0]) < MIB
    assert trimmed[1]["heap_free"] < freed[1]["heap_free"] + MIB


@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
def test_the_account_has_its_memory_as_the_heaps(library: str) -> None:
    """In use while it is in use, then free, and little of it elsewhere; the parts add up to RSS."""
    _, (before, taken, freed, _) = run(need(library))
    assert taken[1]["heap_in_use"] - before[1]["heap_in_use"] >= 0.9 * 20 * MIB * 0.95
    assert freed[1]["heap_in_use"] - before[1]["heap_in_use"] < MIB
    assert taken[1]["rss"] == pytest.approx(taken[2], rel=0.05)
    assert taken[1]["other"] - before[1]["other"] < 4 * MIB


def test_one_that_is_loaded_beside_malloc_hides_nothing() -> None:
    """A library may bring an allocator for itself, for all to see, while malloc stays the C library's."""
    silent, (_, taken, freed, _) = run("", need(LIBRARIES["tcmalloc"]))
    assert silent is None
    assert 4000 * 5000 <= taken[0] - freed[0] < 1.1 * 4000 * 5000


def test_one_that_says_nothing_is_named_and_gives_no_number() -> None:
    """mimalloc: no bytes in use are better than glibc's, which are none of its."""
    silent, told = run(need("libmimalloc.so.2"))
    assert silent == "mimalloc"
    assert [each[0] for each in told] == [None] * 4
