"""An extension in C that takes a reference and does not give it back; the clean one gives it back."""

from __future__ import annotations

import ctypes
import hashlib
import shlex
import subprocess
import sysconfig
import tempfile
from pathlib import Path

from benchmarks.zoo.animal import Animal

SOURCE = Path(__file__).with_name("extension.c")


def build() -> ctypes.PyDLL:
    """Compile the extension for this Python and load it."""
    key = hashlib.sha256(f"{SOURCE.read_text()} {sysconfig.get_config_var('SOABI')}".encode()).hexdigest()[:16]
    library = Path(tempfile.gettempdir()) / f"soakproof-zoo-{key}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / library.name
            compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
            headers = Path(sysconfig.get_path("include"))
            include = [f"-I{headers}", f"-I{headers.parent}"]  # Debian has a header of each machine beside those
            subprocess.run([*compiler, "-shared", "-fPIC", *include, str(SOURCE), "-o", str(made)], check=True)  # noqa: S603
            made.replace(library)
    return ctypes.PyDLL(str(library))


class Server(Animal):
    """Asks the extension to join two names, for every second client."""

    EACH = 2

    def __init__(self, *, is_leaky: bool) -> None:
        super().__init__(is_leaky=is_leaky)
        library = build()
        self._join = library.join_and_forget if is_leaky else library.join
        self._join.argtypes, self._join.restype = [ctypes.py_object], ctypes.py_object

    async def serve(self, sid: str) -> None:
        """Join once."""
        self._join(sid)
