"""Where the memory of a process lies: read off real processes that have it where it is known to be."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import soakproof
from soakproof.agent.process.pymalloc import parse_arenas
from soakproof.development import PYTHONS
from tests.programs import python_of

MIB = 1 << 20
SCRIPT = """
import gc, json, sys, threading
sys.path.insert(0, sys.argv[1])
from agent.process import account, garbage, libc, memory, pymalloc
libc.load(); pymalloc.load()
gc.collect(); garbage.take()
before = account.read(pymalloc.blocks_in_use())
KEPT, WAIT = [], threading.Event()
{body}
after = account.read(pymalloc.blocks_in_use())
told = garbage.take() if garbage.collect() else {{}}
rss = memory.resident_bytes()
print(json.dumps([before, after, rss, told]))
WAIT.set()
"""
PARTS = (
    *("python_in_use", "python_free", "heap_in_use", "heap_free", "mapped"),
    *("stacks", "files", "shared", "other"),
)
MAP_FILE = """
import mmap
file = open(sys.argv[2], "rb")
KEPT = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
hash(KEPT[:])
"""
MAP_BY_ITSELF = """
import ctypes
c = ctypes.CDLL(None)
c.mmap.restype = ctypes.c_void_p
c.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
ctypes.memset(c.mmap(None, 20 << 20, 3, 0x22, -1, 0), 1, 20 << 20)
"""
# Three times as much room as a heap takes, in which one lies that begins where a heap would, with none on either side.
FILL_THE_ROOM = (
    MAP_BY_ITSELF.rpartition("ctypes.memset")[0]
    + """
HEAP = 64 << 20
room = c.mmap(None, 3 * HEAP, 0, 0x22, -1, 0)
start = -(-(room + 1) // HEAP) * HEAP
ctypes.memset(c.mmap(start, HEAP, 3, 0x32, -1, 0), 1, 20 << 20)
"""
)
# What the process does, the part that gains by it, and how many MiB at least.
DOING = {
    "python keeps": ("KEPT = [[n] for n in range(400_000)]", "python_in_use", 25),
    "python's arenas hold": ("KEPT = [[n] for n in range(400_000)]\ndel KEPT[::2]", "python_free", 9),
    "malloc keeps": ("KEPT = [bytearray(5000) for n in range(6_000)]", "heap_in_use", 25),
    "malloc holds": ("KEPT = [bytearray(5000) for n in range(6_000)]\ndel KEPT[:-1]", "heap_free", 25),
    "malloc maps": ("KEPT = [bytearray(b'x' * (40 << 20))]", "mapped", 38),
    "a file": (MAP_FILE, "files", 18),
    "shared": ("import mmap\nKEPT = mmap.mmap(-1, 20 << 20)\nKEPT.write(bytes(20 << 20))", "shared", 18),
}
THREADS = """
def work():
    got = [bytearray(3000 + 97 * n) for n in range(200)]
    KEPT.append(got[-1])
    del got
    done.release()
    WAIT.wait()
done = threading.Semaphore(0)
for _ in range(6):
    threading.Thread(target=work).start()
for _ in range(6):
    done.acquire()
"""
CYCLES = """
class Node: pass
gc.collect(); garbage.take(); gc.set_threshold(10**9)
for _ in range(20_000):
    a, b = Node(), Node(); a.b, b.a, a.text = b, a, "x" * 300 + str(_)
del a, b
"""


def run(python: str, body: str, *args: str) -> tuple[dict[str, float], dict[str, float], float, dict[str, float]]:
    """Return the account before and after, RSS as the system says it in the end, and what a collection freed."""
    command = [python, "-c", SCRIPT.format(body=body), str(Path(soakproof.__file__).parent), *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    before, after, rss, told = json.loads(done.stdout)
    return before, after, rss, told


@pytest.mark.parametrize("minor", PYTHONS)
def test_the_parts_add_up_to_rss(minor: str) -> None:
    """On every Python; within 5 %, as pages come between two readings."""
    body, part, least_mib = DOING["python's arenas hold"]
    before, after, rss, _ = run(python_of(minor), body)
    assert sum(after[name] for name in PARTS) == after["rss"] == pytest.approx(rss, rel=0.05)
    assert after[part] - before[part] >= least_mib * MIB


@pytest.mark.parametrize("doing", DOING)
def test_what_grows_is_told_by_its_name(tmp_path: Path, doing: str) -> None:
    """Each kind of memory gains by what takes of it, and no other part by half as much."""
    file = tmp_path / "mapped"
    file.write_bytes(b"x" * (20 * MIB))
    body, part, least_mib = DOING[doing]
    before, after, _, _ = run(python_of("3.11"), body, str(file))
    gains = {name: after[name] - before[name] for name in PARTS}
    assert gains[part] >= least_mib * MIB
    free = {"python_free": "python_in_use", "heap_free": "heap_in_use"}.get(part)
    assert all(gain < gains[part] / 2 for name, gain in gains.items() if name not in {part, free}), gains


def test_what_c_code_maps_for_itself_is_told_to_the_page() -> None:
    """Whatever pages Python's arenas have never touched: of 20 MiB that are written to none hides in them."""
    before, after, _, _ = run(python_of("3.11"), MAP_BY_ITSELF)
    assert after["elsewhere"] - before["elsewhere"] == pytest.approx(20 * MIB, abs=MIB / 4)
    before, after, _, _ = run(python_of("3.11"), DOING["malloc maps"][0])
    assert abs(after["elsewhere"] - before["elsewhere"]) < MIB


def test_what_fills_the_room_of_a_heap_is_none_unless_it_says_so() -> None:
    """C code's own mappings may lie between two heaps from end to end: 64 MiB, of which 20 are written to."""
    before, after, _, _ = run(python_of("3.11"), FILL_THE_ROOM)
    assert after["elsewhere"] - before["elsewhere"] == pytest.approx(20 * MIB, abs=MIB / 4)
    assert abs(after["heap_free"] - before["heap_free"]) < MIB


def test_threads_have_stacks_and_arenas_of_malloc() -> None:
    """Six threads that freed nearly all are six stacks more, and their arenas hold what is free."""
    before, after, _, _ = run(python_of("3.11"), THREADS)
    assert after["thread_stacks"] - before["thread_stacks"] == 6
    assert after["arenas"] - before["arenas"] >= 2
    assert after["heap_free"] - before["heap_free"] > MIB


def test_garbage_that_waited_is_counted() -> None:
    """40,000 objects, and what they had, wait for a collector that never comes."""
    _, _, _, told = run(python_of("3.11"), CYCLES)
    assert told["garbage_objects"] >= 40_000
    assert told["garbage"] > 20_000 * 300
    assert told["collects_every"] >= 10**9


def test_arenas_are_read_off_what_pymalloc_prints() -> None:
    """With commas, as C prints it; 0 where it says nothing of arenas."""
    assert parse_arenas(b"# arenas\n1,004 arenas * 1048576 bytes/arena     =        1,052,770,304\n") == 1_052_770_304
    assert parse_arenas(b"nothing\n") == 0
