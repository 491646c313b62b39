"""Runs a program as a running process would: in its namespaces, with its user and no right more. A script of its own.

usage: entering.py '{"pid", "uid", "gid", "groups", "capabilities", "enters"}' PROGRAM ARGUMENT...

What is run is the target's, and root must not run what others may have written: so it gets exactly the target's
capabilities, which is also what the system asks of whoever looks into a process (ptrace(2)).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 8, 23, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
NAMESPACES = (("pid", CLONE_NEWPID), ("mnt", CLONE_NEWNS))
CAPABILITY_VERSION = 0x20080522
MOST_CAPABILITIES = 64

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> None:
    """Call the system; raise OSError when it refuses."""
    if getattr(libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def enter_namespaces(pid: int) -> None:
    """Move into the mount and pid namespaces of a process, and under its root directory; children follow."""
    spaces = [(os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY), kind) for name, kind in NAMESPACES]
    root = os.open(f"/proc/{pid}/root", os.O_RDONLY | os.O_DIRECTORY)
    for space, kind in spaces:
        call("setns", space, kind)
        os.close(space)
    os.fchdir(root)
    os.chroot(".")
    os.close(root)


def become(uid: int, gid: int, groups: list[int], capabilities: int) -> None:
    """Take a user and its groups, and give up every capability but those named; they outlive the call of a program."""
    kept = [number for number in range(MOST_CAPABILITIES) if capabilities >> number & 1]
    for number in range(MOST_CAPABILITIES):
        if number not in kept and libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) > 0:  # others the system has not
            call("prctl", PR_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups(groups)
    call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    low, high = capabilities & 0xFFFFFFFF, capabilities >> 32
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    call("capset", header, (ctypes.c_uint32 * 6)(low, low, low, high, high, high))
    for number in kept:
        call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def main(asked: str, program: str, *arguments: str) -> int:
    """Enter, become, and run the program; return its exit code."""
    who = json.loads(asked)
    if who["enters"]:
        enter_namespaces(who["pid"])
    child = os.fork()  # a pid namespace is entered by children alone
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        os.chdir("/")
        become(who["uid"], who["gid"], who["groups"], who["capabilities"])
        os.execve(program, [program, *arguments], who["environment"])  # noqa: S606 -- the target's own, with its rights
    except OSError as error:
        sys.stderr.write(f"{error}\n")
    os._exit(127)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
