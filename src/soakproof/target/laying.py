"""Has the interpreter of a running process lay the agent beside it, and make the call that brings it in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from soakproof import agent
from soakproof.errors import TargetError
from soakproof.target import entering
from soakproof.target.runningprocess import RunningProcess, ptrace_scope

AGENT = Path(agent.__file__).resolve().parent
UNPACKING = AGENT / "visit" / "unpacking.py"
LONGEST_S = 30.0
CAP_SYS_PTRACE = 1 << 19


def lay(process: RunningProcess, *, calls: bool, page: tuple[int, int] | None = None) -> dict[str, Any]:
    """Lay the agent into a new directory of the process's user and, by remote execution, have the process run it.

    Args:
        process: whose.
        calls: whether by remote execution; else somebody else makes the call.
        page: address and bytes of memory that the agent gives back when it leaves.

    Returns:
        ``directory``, as the process names it, and ``version``; or ``refusal`` and ``version``.

    Raises:
        TargetError: it cannot be done.
    """
    files = {str(path.relative_to(AGENT)): path.read_text(encoding="utf-8") for path in sorted(AGENT.rglob("*.py"))}
    return ask(process, {"do": "lay", "files": files, "page": page, "calls": calls})


def cancel(process: RunningProcess, directory: str, *, calls: bool) -> None:
    """Take back what was laid for a process that has not come to it.

    Raises:
        TargetError: it cannot be done; the process has ended, for one.
    """
    ask(process, {"do": "cancel", "directory": directory, "calls": calls})


def ask(process: RunningProcess, request: dict[str, Any]) -> dict[str, Any]:
    """Have the interpreter of a process do one thing, in a process of its own, and return its answer."""
    request = {"pid": process.inner_pid, "root": "", **request}
    try:
        done = subprocess.run(  # noqa: S603 -- the target's interpreter, with the target's rights
            command(process),
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
            env=environment_of(process) if os.geteuid() else None,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"pid {process.pid}: its interpreter did not answer within {LONGEST_S:g} s") from error
    except ValueError as error:
        last = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise TargetError(f"pid {process.pid}: its interpreter could not be run beside it: {last}") from error
    if "error" in answer:
        raise TargetError(f"pid {process.pid} cannot be attached to: {explain(answer['error'])}")
    return answer


def command(process: RunningProcess) -> list[str]:
    """Return the command that runs the interpreter of a process, with its rights where ours are others."""
    interpreter = [f"/proc/{process.inner_pid}/exe", "-I", "-S", "-c", UNPACKING.read_text(encoding="utf-8")]
    if os.geteuid():
        return interpreter
    who = {
        "pid": process.pid,
        "uid": process.uid,
        "gid": process.gid,
        "groups": process.groups,
        "capabilities": process.capabilities | (CAP_SYS_PTRACE if ptrace_scope() else 0),
        "enters": process.is_contained,
        "environment": environment_of(process),
    }
    return [sys.executable, "-I", "-S", str(entering.__file__), json.dumps(who), *interpreter]


def environment_of(process: RunningProcess) -> dict[str, str]:
    """Return what of its environment an interpreter needs to find its libraries; nothing where it gets a right more."""
    if ptrace_scope():
        return {}
    pairs = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    found = dict(os.fsdecode(pair).partition("=")[::2] for pair in pairs)
    return {"LD_LIBRARY_PATH": found["LD_LIBRARY_PATH"]} if "LD_LIBRARY_PATH" in found else {}


def explain(error: str) -> str:
    """Say what a refusal of the interpreter means, and what to do."""
    if "Remote debugging is not enabled" in error:
        return (
            "remote debugging is switched off in it (-X disable-remote-debug, PYTHON_DISABLE_REMOTE_DEBUG, or its "
            "build); need it started without that, or --attach-with gdb"
        )
    if "PermissionError" in error or "Operation not permitted" in error:
        return f"the system does not let its own user look into it ({error}); run as root"
    return error
