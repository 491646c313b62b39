"""What the system says of a running process: who owns it, what it runs, where it lives, who may look into it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import psutil

from soakproof.errors import TargetError
from soakproof.target.directory import NOT_SERVERS, is_running

INTERPRETER = re.compile(r"python[\d.]*[a-z]*( \(deleted\))?")
LIBRARY = re.compile(r"/libpython\d[^/]*\.so")
PTRACE_SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
RESTRICTED, ROOT_ALONE, NOBODY = 1, 2, 3
WRITABLE_BY_OTHERS = 0o022
BY_HAND = "have it call soakproof.agent.start(), and attach to its socket"


@dataclass(frozen=True)
class RunningProcess:
    """A process that may be attached to: its pid here, and the one it knows itself by."""

    pid: int
    inner_pid: int
    uid: int
    gid: int
    groups: tuple[int, ...]
    capabilities: int
    is_contained: bool

    @property
    def root(self) -> Path:
        """Its root directory, as a path of this process."""
        return Path(f"/proc/{self.pid}/root")

    def see(self, path: str) -> Path:
        """Return where a path of its own is to be found from here."""
        return Path(f"{self.root}{path}") if self.is_contained else Path(path)


def examine(pid: int) -> RunningProcess:
    """Look at a process, and see that it can be attached to.

    Raises:
        TargetError: it is not there, somebody else's, no Python, or out of reach.
    """
    if not is_running(pid):
        raise TargetError(f"pid {pid}: no such process; need the pid of a running server")
    try:
        process = read_process(pid)
        check_owner(process)
        check_program(pid)
    except PermissionError as error:
        raise TargetError(f"pid {pid}: the system shows nothing of it to uid {os.geteuid()}; run as root") from error
    except (OSError, ValueError, KeyError) as error:
        raise TargetError(f"pid {pid}: it has ended, or is a part of the system; need a running server") from error
    check_tracing(process)
    return process


def read_process(pid: int) -> RunningProcess:
    """Return what the system says of a process (proc(5))."""
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    inner_pid = int(status["NSpid"].split()[-1])
    return RunningProcess(
        pid=pid,
        inner_pid=inner_pid,
        uid=int(status["Uid"].split()[1]),
        gid=int(status["Gid"].split()[1]),
        groups=tuple(map(int, status["Groups"].split())),
        capabilities=int(status["CapPrm"], 16),
        is_contained=not all(is_shared(pid, kind) for kind in ("mnt", "pid")) or is_rooted_elsewhere(pid),
    )


def is_shared(pid: int, kind: str) -> bool:
    """Whether a process lives in our namespace of a kind; who may not look at it cannot tell, and is told elsewhere."""
    try:
        return Path(f"/proc/{pid}/ns/{kind}").stat().st_ino == Path(f"/proc/self/ns/{kind}").stat().st_ino
    except PermissionError:
        return True


def is_rooted_elsewhere(pid: int) -> bool:
    """Whether a process has another root directory than we have."""
    try:
        return not Path(f"/proc/{pid}/root").samefile("/")
    except PermissionError:
        return False


def check_owner(process: RunningProcess) -> None:
    """Raise TargetError where the process is neither ours nor are we root, or where being root does not reach."""
    own = os.geteuid()
    if own not in (0, process.uid):
        raise TargetError(
            f"pid {process.pid} belongs to uid {process.uid}, and soakproof runs as uid {own}; "
            f"need the same user, or root"
        )
    if process.is_contained and own:
        raise TargetError(f"pid {process.pid} lives in a container, which only root can enter; need root, or {BY_HAND}")
    if not is_shared(process.pid, "user"):
        raise TargetError(
            f"pid {process.pid} lives in a user namespace of its own, where root of this one counts for nobody; "
            f"need soakproof inside it, or {BY_HAND}"
        )


def check_program(pid: int) -> None:
    """Raise TargetError where it is no Python, or one whose interpreter could not be run beside it."""
    program = os.readlink(f"/proc/{pid}/exe")  # noqa: PTH115 -- it may end in " (deleted)", and is no path then
    if INTERPRETER.fullmatch(Path(program).name):
        return
    maps = Path(f"/proc/{pid}/maps").read_text()
    if LIBRARY.search(maps):
        raise TargetError(
            f"pid {pid} runs {program}, which embeds Python: there is no interpreter to make the call; need a python "
            f"that runs the server itself, or {BY_HAND}"
        )
    raise TargetError(f"pid {pid} runs {program}, which is not Python; need the pid of a Python server")


def check_tracing(process: RunningProcess) -> None:
    """Raise TargetError where the system lets nobody, or only others, look into processes."""
    refusal = tracing_refusal(process)
    if refusal:
        raise TargetError(f"pid {process.pid}: {refusal}")


def tracing_refusal(process: RunningProcess) -> str:
    """Return why we may not look into a process (Yama's ptrace_scope), empty where that says nothing against it."""
    scope = ptrace_scope()
    lift = "`sysctl kernel.yama.ptrace_scope=0`, for the time of the run"
    if scope >= NOBODY:
        return f"kernel.yama.ptrace_scope is {scope}, which lets nobody in; {BY_HAND}"
    if scope and os.geteuid():
        return f"kernel.yama.ptrace_scope is {scope}; need root, or {lift}"
    if scope and process.uid and not is_of_root(process.pid):
        return (
            f"kernel.yama.ptrace_scope is {scope}, and others than root can change its interpreter, "
            f"so it is not given root's right to look into processes; need {lift}"
        )
    return ""


def ptrace_scope() -> int:
    """Return how far the system restricts looking into processes, 0 where it does not."""
    try:
        return int(PTRACE_SCOPE.read_text())
    except OSError:
        return 0


def is_of_root(pid: int) -> bool:
    """Whether root alone can change the program that a process runs."""
    found = Path(f"/proc/{pid}/exe").stat()
    return found.st_uid == 0 and not found.st_mode & WRITABLE_BY_OTHERS


def find_pythons(pid: int) -> list[RunningProcess]:
    """Return a process and those of its descendants that run Python, without those that only watch.

    Raises:
        TargetError: the process itself cannot be attached to.
    """
    found = [examine(pid)]
    for child in psutil.Process(pid).children(recursive=True):
        try:
            command = " ".join(child.cmdline())
            if not any(name in command for name in NOT_SERVERS):
                found.append(examine(child.pid))
        except (TargetError, psutil.Error):
            continue
    return found
