"""An object whose count is one too high, so that nothing frees it: every second client leaves one."""

from __future__ import annotations

import ctypes

from benchmarks.zoo.animal import Animal


class Server(Animal):
    """Hands bytes to C, which takes a reference and gives it back, or not."""

    EACH = 2

    async def serve(self, sid: str) -> None:
        """Take a reference, and give it back."""
        message = ctypes.py_object(sid.encode().ljust(40, b"."))
        ctypes.pythonapi.Py_IncRef(message)
        if not self.is_leaky:
            ctypes.pythonapi.Py_DecRef(message)
