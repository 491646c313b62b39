"""What this machine can and cannot measure: each check says what it found, what that limits, and what lifts it.

`soakproof doctor` prints all of it; `soakproof run` warns of what is too little for the clients that it was asked for.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from soakproof.load.processes.limits import SPARE_FDS
from soakproof.target.memorylimit import read_memory_limit
from soakproof.target.preloading import INSTALL, find_libfaketime
from soakproof.target.reach import find_reach
from soakproof.warningcodes import RunWarning, WarningCode, warn
from soakproof.wording.interpreters import MENDED, caveat_of

SPARE_PORTS = 1000
CORES_WANTED = 2
CLIENTS_WANTED = 2000
SHORT_PATH = 60
COARSE_S = 0.001
BASE_BYTES = 300 << 20  # harness, Locust and a small server, before any client
BYTES_PER_CLIENT = 50_000  # 12 KiB in the generator; 37 KB in python-socketio on uvicorn (250 clients cost it 9.3 MB)
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
LIFT_REFUSAL = "as root (in a container: docker run --cap-add SYS_PTRACE ...), or attach to the socket of an agent"
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
MAPS = Path("/proc/self/smaps_rollup")


class Check(msgspec.Struct, kw_only=True, frozen=True):
    """One finding about the machine: is it good, what was found, what that limits, and the command that lifts it.

    ``is_needed``: without it nothing can be measured here at all. ``most_clients``: how many at once it allows.
    """

    name: str
    found: str
    is_good: bool = True
    is_needed: bool = False
    most_clients: int | None = None
    limits: str = ""
    remedy: str = ""

    @property
    def is_fatal(self) -> bool:
        """Whether nothing can be measured on this machine because of it."""
        return self.is_needed and not self.is_good

    def sentence(self) -> str:
        """Return the finding as a line of text, with a second and a third for what it limits and what lifts it."""
        if self.is_good:
            return f"ok     {self.name:16} {self.found}"
        word = "NEEDED" if self.is_fatal else "LIMIT "
        return f"{word} {self.name:16} {self.found}\n{'':24}limits: {self.limits}\n{'':24}do:     {self.remedy}"


def examine(clients: int = CLIENTS_WANTED) -> Iterator[Check]:
    """Yield every check, for so many clients at once: what is needed first, then what limits the load."""
    yield check_platform()
    yield check_proc()
    yield check_agent_directory()
    yield check_python()
    yield check_allocator()
    yield check_cores()
    yield check_open_files(clients)
    yield check_ports(clients)
    yield check_memory_limit(clients)
    yield check_clock()
    yield check_attaching()
    yield check_moving_clocks()


def preflight(clients: int) -> Iterator[RunWarning]:
    """Warn of each limit that so many clients at once would run into."""
    for check in (check_open_files(clients), check_ports(clients), check_memory_limit(clients)):
        if not check.is_good:
            yield warn(
                WarningCode.TOO_LITTLE,
                clients=clients,
                of=check.name,
                found=check.found,
                limits=check.limits,
                remedy=check.remedy,
            )


def check_platform() -> Check:
    """USS, malloc_trim and peer credentials are Linux's."""
    return Check(
        name="platform",
        found=platform.platform(terse=True),
        is_good=sys.platform == "linux",
        is_needed=True,
        limits="memory is read from /proc, which only Linux has",
        remedy="run soakproof on Linux, or in a container: docker run -it -v $PWD:/app -w /app python:3.13 bash",
    )


def check_proc() -> Check:
    """RSS and USS are read from /proc, without ptrace, so its restrictions (Yama, seccomp) do not matter to that."""
    try:
        is_good = "Private_Dirty" in MAPS.read_text()
    except OSError:
        is_good = False
    return Check(
        name="/proc",
        found=f"{MAPS} can{'' if is_good else 'not'} be read (without ptrace, so its limits do not matter)",
        is_good=is_good,
        limits="bytes that are the target's alone (USS) are read slowly, or not at all",
        remedy="mount -t proc proc /proc  (Linux 4.14 or newer)",
    )


def check_agent_directory() -> Check:
    """The agent's socket lives in a directory that only its owner enters; a Unix socket's path is short."""
    directory = Path(tempfile.gettempdir())
    return Check(
        name="agent directory",
        found=str(directory),
        is_good=os.access(directory, os.W_OK) and len(str(directory)) < SHORT_PATH,
        is_needed=True,
        limits="the agent's Unix socket needs a short path (107 bytes) in a directory that can be written",
        remedy="export TMPDIR=/tmp",
    )


def check_python() -> Check:
    """The harness's own Python; the target may have another."""
    version = platform.python_version()
    caveat = caveat_of(version)
    return Check(
        name="python",
        found=f"{version} (the target may have its own, from 3.9 on)",
        is_good=not caveat,
        limits=f"{caveat} (so it is for a target on the same)",
        remedy=f"a Python {MENDED} or newer for the target, or one before 3.14",
    )


def check_allocator() -> Check:
    """Allocated blocks are counted by pymalloc alone; another malloc hides them."""
    malloc, preload = os.environ.get("PYTHONMALLOC", ""), os.environ.get("LD_PRELOAD", "")
    return Check(
        name="allocator",
        found=f"PYTHONMALLOC={malloc or 'default'}" + (f", LD_PRELOAD={preload}" if preload else ""),
        is_good=malloc in {"", "default", "pymalloc"},
        limits="allocated blocks read 0, so what no container holds is found by object counts alone",
        remedy="unset PYTHONMALLOC",
    )


def check_cores() -> Check:
    """Generator and target want a core each; a container may have less than it sees."""
    cores = min(float(len(os.sched_getaffinity(0))), read_cpu_quota())
    return Check(
        name="cores",
        found=f"{cores:g} may be used",
        is_good=cores >= CORES_WANTED,
        limits="generator and target share one, so connections per second are about halved",
        remedy="docker run --cpus 2 ...  (or lower --open-rate and --rate; the verdict is as sound)",
    )


def read_cpu_quota() -> float:
    """Return how many cores the cgroup grants, infinity where it does not say."""
    try:
        quota, period = CPU_QUOTA.read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError):
        return float("inf")


def check_open_files(clients: int) -> Check:
    """Each client costs the generator a descriptor, and the target one; the target keeps the soft limit it is given."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(soft, hard) - SPARE_FDS
    need = clients + SPARE_FDS
    command = f"ulimit -n {need}" if need <= hard else f"ulimit -Hn {need} && ulimit -n {need}  (as root)"
    return Check(
        name="open files",
        found=f"{soft:,} now, {hard:,} at most",
        is_good=most >= clients,
        most_clients=most,
        limits=f"a target started from here takes no more than about {max(most, 0):,} clients at once",
        remedy=f"{command}; for a service: LimitNOFILE={need}; for docker: --ulimit nofile={need}",
    )


def check_ports(clients: int) -> Check:
    """One source address gives as many connections to one port as there are ephemeral ports."""
    try:
        low, high = (int(word) for word in PORT_RANGE.read_text().split())
    except (OSError, ValueError):
        return Check(name="ports", found="the range of ephemeral ports cannot be read")
    most = high - low + 1 - SPARE_PORTS
    return Check(
        name="ports",
        found=f"{high - low + 1:,} ephemeral ports per source address",
        is_good=most >= clients,
        most_clients=most,
        limits=f"no more than about {max(most, 0):,} clients at once from one address",
        remedy='sysctl -w net.ipv4.ip_local_port_range="1024 65535"  (as root)',
    )


def check_memory_limit(clients: int) -> Check:
    """A cgroup's limit ends the target before the soak does."""
    limit = read_memory_limit(os.getpid())
    whose = {"cgroup": "cgroup", "machine": "the machine's; none set by a cgroup"}[limit.source]
    most = max(0, int(limit.limit_bytes - BASE_BYTES) // BYTES_PER_CLIENT)
    need_bytes = BASE_BYTES + clients * BYTES_PER_CLIENT
    return Check(
        name="memory limit",
        found=f"{limit.limit_bytes / 2**20:,.0f} MiB ({whose})",
        is_good=most >= clients,
        most_clients=most,
        limits=f"about {most:,} clients at once fill it, generator and target together; then the kernel ends one",
        remedy=f"docker run --memory {need_bytes // 2**20 + 1}m ...",
    )


def check_clock() -> Check:
    """Times are taken from the monotonic clock; one that the kernel cannot read quickly makes each reading dear."""
    resolution_s = time.get_clock_info("monotonic").resolution
    try:
        source = CLOCK_SOURCE.read_text().strip()
    except OSError:
        source = "unknown source"
    return Check(
        name="clock",
        found=f"monotonic, {resolution_s * 1e9:g} ns ({source})",
        is_good=resolution_s <= COARSE_S and source not in {"acpi_pm", "hpet"},
        limits="each look at the clock costs microseconds, so latencies read high; the verdict on memory is as sound",
        remedy=f"echo tsc > {CLOCK_SOURCE}  (as root, where it is offered)",
    )


def check_moving_clocks() -> Check:
    """`run --fast-forward` and `--clock-speed` move the target's clock by a library that Debian has."""
    library = find_libfaketime()
    return Check(
        name="moving clocks",
        found=str(library) if library else "libfaketime is not on this machine",
        is_good=library is not None,
        limits="`run --fast-forward` and `--clock-speed`: what empties after minutes or hours looks like a leak",
        remedy=INSTALL,
    )


def check_attaching() -> Check:
    """Whether `run --attach PID` could reach a server of one's own; what soakproof starts does not ask for it."""
    reach = find_reach()
    found = f"a server on this Python ({platform.python_version()}) by {reach.way}, on 3.9 to 3.13 by {reach.debugger}"
    return Check(
        name="attach by pid",
        found=f"refused: {reach.refusal}" if reach.refusal else found,
        is_good=reach.is_good,
        limits="`run --attach PID` cannot reach a server on this Python that nobody prepared; all else can be measured",
        remedy=LIFT_REFUSAL if reach.refusal else "apt-get install gdb, for --attach-with gdb",
    )
