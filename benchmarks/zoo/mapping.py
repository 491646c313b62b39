"""A file that is mapped for each second client, by C, and never unmapped; the clean one unmaps it."""

from __future__ import annotations

import ctypes
import mmap
import tempfile

from benchmarks.zoo.animal import Animal


class Server(Animal):
    """Reads a page of a file through a mapping."""

    EACH = 2

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the server is
        self._file.truncate(mmap.PAGESIZE)
        self._libc = ctypes.CDLL(None)
        self._libc.mmap.restype = ctypes.c_void_p
        self._libc.mmap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] + [ctypes.c_int] * 3, ctypes.c_long]
        self._libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

    async def serve(self, _sid: str) -> None:
        """Map the page, and unmap it."""
        address = self._libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_SHARED, self._file.fileno(), 0)
        if not self.is_leaky:
            self._libc.munmap(address, mmap.PAGESIZE)
