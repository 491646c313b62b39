"""Leaks of what is not a Python object, or not only: tasks, threads, file descriptors, native memory."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import os
import threading

from server.app import Server
from server.plants.hooks import on_connect

# Threads and descriptors are scarce: one for each so many clients is a leak all the same.
_EVERY = 10
_NATIVE_BYTES = 4_096
_AGES_S = 1e6


def plant_orphan_task(server: Server) -> None:
    """Each client leaves a task that waits for days."""

    def start(_sid: str) -> None:
        asyncio.get_running_loop().create_task(wait_for_days())

    on_connect(server, start)


async def wait_for_days() -> None:
    """Wait for something that does not come."""
    await asyncio.sleep(_AGES_S)


def plant_thread(server: Server) -> None:
    """Each tenth client leaves a thread that waits for a word that nobody says."""
    numbers = itertools.count(1)

    def start(sid: str) -> None:
        if next(numbers) % _EVERY == 0:
            threading.Thread(target=threading.Event().wait, name=f"waits for {sid}", daemon=True).start()

    on_connect(server, start)


def plant_fd(server: Server) -> None:
    """Each tenth client leaves a file open, whose number nobody has kept."""
    numbers = itertools.count(1)

    def open_file(_sid: str) -> None:
        if next(numbers) % _EVERY == 0:
            os.open(os.devnull, os.O_RDONLY)

    on_connect(server, open_file)


def plant_native(server: Server) -> None:
    """Each client leaves 4 KiB that the C library has allocated and Python does not see."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p

    def allocate(_sid: str) -> None:
        ctypes.memset(libc.malloc(ctypes.c_size_t(_NATIVE_BYTES)), 1, _NATIVE_BYTES)

    on_connect(server, allocate)


PLANTS = {
    "orphan-task": plant_orphan_task,
    "thread": plant_thread,
    "fd": plant_fd,
    "native": plant_native,
}
