"""What the tests ask of a machine: without a program they skip, with its name and the command that installs it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections import Counter

import pytest

from soakproof.development import NEWER_GDB, find_python, read_programs
from soakproof.target.debugger import REGISTERS

LEAD = "missing program: "


def need(name):
    """Return where a program of requirements/programs.txt is; without it skip the test, or fail it where CI=true."""
    (program,) = (each for each in read_programs() if each.name == name)
    if found := program.find():
        return found
    sentence = f"{LEAD}{name} (install it: {program.install})"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def python_of(minor: str) -> str:
    """Return an interpreter of a minor version, the one that runs the tests for none; skip a test that lacks it."""
    found = find_python(minor) if minor else sys.executable
    if found is None:
        pytest.skip(f"no Python {minor} on this machine: see `soakproof doctor --development`")
    return str(found)


@functools.cache
def says_calling(gdb):
    """Return what a gdb says when it is to call a function in a process: some know fewer registers than there are."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        order = ["-ex", "print ((int (*)(void)) getpid)()"]
        command = [gdb, "-nx", "-q", "-batch", "-p", str(process.pid), *order]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        process.kill()
    return done.stderr


def need_calling_gdb():
    """Skip the test without gdb, or where no gdb there is can call anything in a process on this processor."""
    if REGISTERS not in says_calling(need("gdb")):
        return
    if not NEWER_GDB.exists() or REGISTERS in says_calling(str(NEWER_GDB)):
        pytest.skip("this gdb knows fewer registers than this processor has, and calls nothing: requirements/newer-gdb")
    os.environ["PATH"] = f"{NEWER_GDB.parent}{os.pathsep}{os.environ['PATH']}"
    says_calling.cache_clear()


def tell_missing(reports):
    """Yield a line for each missing program that skipped tests: how many, of which files."""
    skipped = {}
    for report in reports:
        _, _, reason = report.longrepr
        if LEAD in reason:
            files = skipped.setdefault(reason.partition(LEAD)[2], Counter())
            files[report.nodeid.partition("::")[0]] += 1
    for program, files in sorted(skipped.items()):
        yield f"{LEAD}{program}: skipped {files.total()} tests of {', '.join(sorted(files))}"
