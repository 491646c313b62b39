"""A program with a buffer of every kind in every place; each number on stdin lets each grow by so many bytes.

With ``lost`` it loses objects of 40 bytes instead: such as nothing Python knows refers to. With ``zombie`` it starts
processes that nobody waits for, with ``names`` it looks up attributes by new names, with ``map`` it maps its own file
and forgets to unmap it.
"""

import ctypes
import io
import mmap
import os
import sys
from array import array

NOTES = "!" * 100
AUDIT = bytearray()
RAW = b"." * 100
TIMES = array("b")
TEXT_FILE = io.StringIO()
BYTES_FILE = io.BytesIO()
MAPPED = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # a shared one grows no more from 3.14 on
BY_ROOM = {"lobby": "", "attic": ""}
RAGGED = []
FORGOTTEN = []
GRIDS = []
STEADY = "never grows"


class Room:
    def __init__(self):
        self.history = ""
        self.raw = bytearray()


class Half:
    """Buffers whose making was never finished, or that are closed: nothing may be asked of them that fails."""

    kept = (io.BytesIO.__new__(io.BytesIO), io.StringIO.__new__(io.StringIO), memoryview(b"gone"), mmap.mmap(-1, 4096))


Half.kept[2].release()
Half.kept[3].close()
ROOMS = {"lobby": Room(), "attic": Room()}


class Hub:
    shared = bytearray()


def grow(amount):
    global NOTES, RAW  # noqa: PLW0603 -- that they are bound anew is the point
    NOTES += "!" * amount
    RAW += b"." * amount
    AUDIT.extend(b"." * amount)
    TIMES.extend([1] * amount)
    TEXT_FILE.write("." * amount)
    BYTES_FILE.write(b"." * amount)
    BY_ROOM["lobby"] += "." * amount
    RAGGED.append("." * amount)
    Hub.shared.extend(b"." * amount)
    MAPPED.resize(len(MAPPED) + 4096)
    for room in ROOMS.values():
        room.history += "." * amount
        room.raw.extend(b"." * amount)


def lose(amount):
    for _ in range(amount):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(bytes(40)))


def leave_zombies(amount):
    for _ in range(amount):
        pid = os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", ""], {})
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie


def map_file(amount):
    for _ in range(amount):
        with open(__file__, "rb") as stream:  # noqa: PTH123 -- it is the descriptor that is wanted
            FORGOTTEN.append(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def look_up(amount):
    for number in range(amount):
        getattr(Hub, f"_handle_{number:030}", None)  # a name that nobody else has, and that the interpreter keeps


def keep_grids(amount):
    try:
        import numpy as np
    except ImportError:
        return
    GRIDS.append(np.zeros(amount))
    GRIDS.append(GRIDS[-1][:10])  # a view, whose memory is the other's


DEEDS = {"grids": keep_grids, "names": look_up, "lost": lose, "zombie": leave_zombies, "map": map_file}


def main():
    held = bytearray()
    print("ready", flush=True)
    for line in sys.stdin:
        what, _, amount = line.rpartition(" ")
        if what:
            DEEDS[what](int(amount))
        else:
            grow(int(amount))
            held.extend(b"." * int(amount))
        print("done", flush=True)


if __name__ == "__main__":
    main()
