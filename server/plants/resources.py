"""Leaks of what is not a Python object, or not only: tasks, threads, file descriptors, native memory."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading

from server.app import Server
from server.plants.hooks import on_connect
from server.plants.share import EACH

# Threads and descriptors are scarce: one for each ten clients is a leak all the same.
_SCARCE = 1 / 10
_NATIVE_BYTES = 4_096
WAITING: set[asyncio.Task[None]] = set()  # asyncio itself holds no task


def plant_orphan_task(server: Server, rate: float = EACH) -> None:
    """Each client leaves a task that waits for what only it could bring about."""

    def start(_sid: str) -> None:
        task = asyncio.get_running_loop().create_task(wait_for_days())
        WAITING.add(task)
        task.add_done_callback(WAITING.discard)

    on_connect(server, rate, start)


async def wait_for_days() -> None:
    """Wait for something that does not come."""
    await asyncio.Event().wait()


def plant_thread(server: Server, rate: float = _SCARCE) -> None:
    """Each tenth client leaves a thread that waits for a word that nobody says."""

    def start(_sid: str) -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()

    on_connect(server, rate, start)


def plant_fd(server: Server, rate: float = _SCARCE) -> None:
    """Each tenth client leaves a file open, whose number nobody has kept."""
    on_connect(server, rate, lambda _sid: os.open(os.devnull, os.O_RDONLY))


def plant_native(server: Server, rate: float = EACH) -> None:
    """Each client leaves 4 KiB that the C library has allocated and Python does not see."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p

    def allocate(_sid: str) -> None:
        ctypes.memset(libc.malloc(ctypes.c_size_t(_NATIVE_BYTES)), 1, _NATIVE_BYTES)

    on_connect(server, rate, allocate)


PLANTS = {
    "orphan-task": plant_orphan_task,
    "thread": plant_thread,
    "fd": plant_fd,
    "native": plant_native,
}
