"""Whether a server of one's own could be attached to by its pid on this machine: tried, for the system alone knows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from soakproof.target.runningprocess import read_process, tracing_refusal

PEEK = """
import ctypes, sys
class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
pid = int(sys.argv[1])
with open(f"/proc/{pid}/maps") as maps:
    there = Span(int(maps.readline().split("-")[0], 16), 1)
here = Span(ctypes.addressof(ctypes.create_string_buffer(1)), 1)
libc = ctypes.CDLL(None, use_errno=True)
if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) != 1:
    raise OSError(ctypes.get_errno(), "process_vm_readv")
"""


@dataclass(frozen=True)
class Reach:
    """What attaching by pid finds here: why no process can be looked into, where gdb is, what this Python takes."""

    refusal: str
    gdb: str | None
    is_remote: bool

    @property
    def is_good(self) -> bool:
        """Whether a server on this very Python could be attached to."""
        return not self.refusal and (self.is_remote or self.gdb is not None)

    @property
    def debugger(self) -> str:
        """Where gdb is, in words."""
        return self.gdb or "gdb, which is not on this machine"

    @property
    def way(self) -> str:
        """What would bring the agent into a server on this very Python."""
        return "remote execution" if self.is_remote else self.debugger


def find_reach() -> Reach:
    """Return what a process of ours allows others of ours: this one, whose debugger no child of it may be by birth."""
    refusal = tracing_refusal(read_process(os.getpid())) or peek(os.getpid())
    return Reach(refusal=refusal, gdb=shutil.which("gdb"), is_remote=is_remote())


def peek(pid: int) -> str:
    """Have a process of its own read a byte of another's memory; return what the system said, empty where it was read.

    Yama lets a process look into its descendants alone, so a child that looks into its parent has no right more than
    the interpreter that `laying` runs beside a server.
    """
    command = [sys.executable, "-I", "-S", "-c", PEEK, str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- this very Python
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def is_remote() -> bool:
    """Whether this Python takes remote execution (PEP 768): from 3.14 on, where that is not switched off."""
    is_enabled = getattr(sys, "is_remote_debug_enabled", None)
    return is_enabled is not None and bool(is_enabled())
