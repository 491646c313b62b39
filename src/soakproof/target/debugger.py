"""Bringing the agent into a process by gdb, for Pythons without remote execution: only where the user asks for it.

The debugger stops the process for a moment. It calls nothing that allocates or takes Python's lock: it maps a page,
writes a line of Python into it, and leaves word (`Py_AddPendingCall`, which any thread may call) that the interpreter
is to run it at its next safe point.
"""

from __future__ import annotations

import mmap
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from soakproof.errors import ConfigError, TargetError
from soakproof.target.laying import lay
from soakproof.target.runningprocess import RunningProcess

LONGEST_S = 120.0
PAGE_BYTES = mmap.PAGESIZE
LOWEST, HIGHEST = 1 << 44, 1 << 46  # of the addresses a program may use, those that Linux gives last
MAP = "((void *(*)(void *, unsigned long, int, int, int, long)) mmap)"
MAP_FLAGS = 0x100022  # MAP_PRIVATE, MAP_ANONYMOUS, MAP_FIXED_NOREPLACE
LEAVE_WORD = "((int (*)(void *, void *)) Py_AddPendingCall)"
LINE = (  # a failure would be the target's: it may come to this long after the run has ended, and taken the script away
    "__import__('os').path.exists({script!r}) and "
    "(lambda file: (exec(file.read(), {{}}), file.close()))(open({script!r}, 'rb'))\0"
)
MARK = "soakproof:"
REGISTERS = "Couldn't write extended state"  # gdb up to 13 on a processor with more state than it knows of (AMX)
QUIET = ("set auto-load off", "set auto-solib-add off", "set debuginfod enabled off", "set pagination off")


def call_in(process: RunningProcess) -> str:
    """Lay the agent, and have a process run it at its next safe point; return the directory where it was laid.

    Raises:
        ConfigError: there is no gdb on this machine.
        TargetError: it cannot be done.
    """
    program = shutil.which("gdb")
    if program is None:
        raise ConfigError("--attach-with gdb: gdb is not on this machine; need it (apt-get install gdb)")
    page = free_page(process.pid)
    directory: str = lay(process, calls=False, page=(page, PAGE_BYTES))["directory"]
    with tempfile.TemporaryFile() as line:
        line.write(LINE.format(script=f"{directory}/arrive.py").encode())
        line.flush()
        arguments = [
            word for command in orders(f"/proc/{os.getpid()}/fd/{line.fileno()}", page) for word in ("-ex", command)
        ]
        quiet = [word for command in QUIET for word in ("-iex", command)]
        known = [f"/proc/{process.pid}/exe", "-p", str(process.pid)]  # its symbols are read before it is stopped
        run([program, "-nx", "-q", "-batch", *quiet, *known, *arguments], process.pid)
    return directory


def orders(file: str, page: int) -> list[str]:
    """Return gdb's commands: map a page, write the line into it, leave word."""
    return [
        "sharedlibrary libpython",
        "sharedlibrary libc[.-]",
        f"set $page = (unsigned long) {MAP}((void *) {page:#x}, {PAGE_BYTES}, 3, {MAP_FLAGS:#x}, -1, 0)",
        f"if $page == {page:#x}",
        f"restore {file} binary {page:#x}",
        f'printf "{MARK}%d\\n", {LEAVE_WORD}((void *) PyRun_SimpleString, (void *) {page:#x})',
        "end",
    ]


def run(command: list[str], pid: int) -> None:
    """Run gdb; raise TargetError where it could not leave word."""
    try:
        done = subprocess.run(  # noqa: S603 -- the user asked for gdb
            command, capture_output=True, text=True, timeout=LONGEST_S, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"pid {pid}: gdb did not come to an end within {LONGEST_S:g} s") from error
    if REGISTERS in done.stderr:
        raise TargetError(
            f"pid {pid}: gdb stopped it, and could call nothing in it: this gdb knows fewer registers than this "
            "processor has, and cannot put them back; need a newer gdb, or Python 3.14 in the target"
        )
    if f"{MARK}0" not in done.stdout:
        said = (done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["nothing"])[-1]
        raise TargetError(f"pid {pid}: gdb could not bring the agent in; it said: {said}")


def free_page(pid: int) -> int:
    """Return an address at which a process has nothing mapped, far from all that it has."""
    spans = [line.split()[0].partition("-") for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    taken = [(int(low, 16), int(high, 16)) for low, _, high in spans]
    address = HIGHEST - PAGE_BYTES
    while any(low < address + PAGE_BYTES and address < high for low, high in taken):
        address -= (HIGHEST - LOWEST) // 256
    return address
