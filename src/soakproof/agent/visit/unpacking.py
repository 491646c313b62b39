"""Lays the agent where a running process can read it, and has that process run it. Not run in the target.

It is run by the target's own interpreter, in a process beside it with the target's user and namespaces: whoever makes
files does so with the target's rights. One JSON object on stdin, one on stdout. Requests:

    {"do": "lay", "pid", "root", "calls": bool, "files": {path: text}, "page": [address, bytes] or null}
    {"do": "cancel", "pid", "root", "calls": bool, "directory"}

``calls``: by remote execution (PEP 768), of which only an interpreter of the same minor version is capable. ``root``
stands before paths that the target names without it; it is empty, or a path by which both see the same files. Answers:
``{"directory", "version"}``; ``{"error"}``, a sentence; or ``{"refusal": "needs-debugger", "version"}`` of a Python
without remote execution.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

OLDEST, REMOTE = (3, 9), (3, 14)
PLACES = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 -- the directory made there is its owner's alone


def lay(request: dict[str, Any]) -> dict[str, Any]:
    """Write the agent and its script into a new directory, and have the target run that at its next safe point."""
    version = list(sys.version_info[:2])
    if sys.implementation.name != "cpython":
        return {"error": f"it runs {sys.implementation.name}, need CPython"}
    if sys.version_info < OLDEST:
        return {"error": "it runs Python %d.%d, and the agent needs %d.%d or newer" % (*version, *OLDEST)}
    if request["calls"] and sys.version_info < REMOTE:
        return {"refusal": "needs-debugger", "version": version}
    directory = make_directory(request["root"])
    try:
        write_files(request, directory)
        if request["calls"]:
            call_remotely(request["pid"], f"{request['root']}{directory}/arrive.py")
    except BaseException:
        shutil.rmtree(request["root"] + directory)
        raise
    return {"directory": directory, "version": version}


def make_directory(root: str) -> str:
    """Make a directory that its owner alone can enter, at the first place that takes it; return it without the root."""
    refusal = OSError("others could rename what is put there")
    for place in filter(lambda place: is_safe(root + place), PLACES):
        try:
            return tempfile.mkdtemp(prefix="soakproof-", dir=root + place)[len(root) :]
        except OSError as error:
            refusal = error
    raise refusal


def is_safe(place: str) -> bool:
    """Tell whether only its owner can rename what is put into a directory at the top of the file system.

    The target runs what lies there: whoever could put something else in its place would run it as the target's user.
    """
    try:
        found = os.stat(place)  # noqa: PTH116 -- as it is said in all of the agent
    except OSError:
        return False
    return found.st_uid in (0, os.geteuid()) and (not found.st_mode & 0o022 or bool(found.st_mode & stat.S_ISVTX))


def write_files(request: dict[str, Any], directory: str) -> None:
    """Write the agent's files, and beside them the script that loads it, readable by their owner alone."""
    top = Path(request["root"] + directory)
    texts = {f"agent/{path}": text for path, text in request["files"].items()}
    call = f"\narrive({directory!r}, {request['page']!r}, {leaves_descriptor()!r})\n"
    texts["arrive.py"] = request["files"]["visit/arrival.py"] + call
    for path, text in texts.items():
        (top / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (top / path).touch(mode=0o600, exist_ok=False)
        (top / path).write_text(text, encoding="utf-8")


def leaves_descriptor() -> bool:
    """Tell whether loading `ctypes` opens a descriptor that stays, as libffi's static trampolines keep one."""
    before = count_descriptors()
    try:
        import ctypes  # noqa: F401 -- what it opens is asked for
    except ImportError:
        return False
    return count_descriptors() > before


def count_descriptors() -> int:
    """Return how many descriptors this process has, and the one to look with."""
    return len(list(Path("/proc/self/fd").iterdir()))


def call_remotely(pid: int, script: str) -> None:
    """Have a process run a script at its next safe point."""
    getattr(sys, "remote_exec")(pid, script)  # noqa: B009 -- a type checker for Python 3.11 knows nothing of it


def cancel(request: dict[str, Any]) -> dict[str, Any]:
    """Have the target run an empty file where it has not come to the script yet, and remove the directory."""
    if request["calls"]:
        call_remotely(request["pid"], os.devnull)
    shutil.rmtree(request["root"] + request["directory"], ignore_errors=True)
    return {}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; what goes wrong is an answer too."""
    try:
        return {"lay": lay, "cancel": cancel}[request["do"]](request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
