"""C code that maps memory for itself, past malloc, as Rust's and Go's libraries do, a kilobyte per client.

The clean one takes the same room from its pool again.
"""

from __future__ import annotations

import ctypes
import mmap

from benchmarks.zoo.animal import Animal

POOL_BYTES = 1 << 20
ROOM_BYTES = 1024
ANONYMOUS = 0x22  # MAP_PRIVATE | MAP_ANONYMOUS


class Pool:
    """Hands out rooms one after the other, of a mapping at a time."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)
        self._libc.mmap.restype = ctypes.c_void_p
        self._libc.mmap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] + [ctypes.c_int] * 3, ctypes.c_long]
        self._next = self._end = 0

    def take(self) -> int:
        """Return the address of a room."""
        if self._next == self._end:
            self._next = self._libc.mmap(None, POOL_BYTES, mmap.PROT_READ | mmap.PROT_WRITE, ANONYMOUS, -1, 0)
            self._end = self._next + POOL_BYTES
        address, self._next = self._next, self._next + ROOM_BYTES
        return address


class Server(Animal):
    """Writes something about each client into a room."""

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._pool = Pool()
        self._room = self._pool.take()

    async def serve(self, _sid: str) -> None:
        """Write into a room of its own, or into the one that there is."""
        ctypes.memset(self._pool.take() if self.is_leaky else self._room, 1, ROOM_BYTES)
