"""How much memory the target may still take, and that the agent takes none that is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soakproof.agent.process import headroom
from soakproof.errors import AgentError
from soakproof.target.inject import environment
from soakproof.target.link import AgentLink

MIB = 1 << 20
TIGHT = """
import resource, sys
KEPT = [{"at": [number]} for number in range(300_000)]
pages = int(open("/proc/self/statm").read().split()[0])
left = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + left, resource.RLIM_INFINITY))
print("tight", flush=True)
sys.stdin.read()
"""


def write(directory: Path, **files: str) -> None:
    """Write files of the proc or cgroup file system, dots and slashes of their names given as they are."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has 900 MiB, and no limit."""
    monkeypatch.setattr(headroom, "PROC", str(tmp_path / "proc"))
    monkeypatch.setattr(headroom, "CGROUPS", str(tmp_path / "cgroup"))
    write(tmp_path / "proc", meminfo=f"MemTotal: 2000000 kB\nMemAvailable: {900 * 1024} kB\n")
    write(
        tmp_path / "proc" / "self",
        cgroup="0::/pods/chat\n",
        limits="Max address space   unlimited   unlimited   bytes\n",
    )
    return tmp_path


def test_without_a_limit_there_is_what_the_machine_has(system: Path) -> None:
    """As /proc/meminfo says it."""
    assert headroom.left_bytes() == 900 * MIB


@pytest.mark.parametrize("path", ["pods/chat", "pods", ""])
def test_a_container_leaves_what_its_limit_does(system: Path, path: str) -> None:
    """Its own cgroup's, or one around it; in a container only the root may be there. Cached files give way."""
    files = {
        "memory.max": str(300 * MIB),
        "memory.current": str(250 * MIB),
        "memory.stat": f"inactive_file {20 * MIB}\n",
    }
    write(system / "cgroup" / path, **files)
    assert headroom.left_bytes() == 70 * MIB


def test_a_container_of_the_first_version_does_too(system: Path) -> None:
    """Its files have other names."""
    write(system / "proc" / "self", cgroup="4:memory:/docker/9\n0::/\n")
    files = {"memory.limit_in_bytes": str(300 * MIB), "memory.usage_in_bytes": str(280 * MIB)}
    write(system / "cgroup" / "memory" / "docker" / "9", **files)
    assert headroom.left_bytes() == 20 * MIB


def test_nobody_says_how_much_there_is(system: Path) -> None:
    """No file can be read: then nothing is left out."""
    (system / "proc" / "meminfo").unlink()
    assert headroom.left_bytes() is None
    assert headroom.find_lack(10**9, headroom.SHARES_BYTES) is None


def test_what_lacks_is_said(system: Path) -> None:
    """Ten million objects, of 300 bytes each."""
    assert headroom.find_lack(1000, headroom.SECOND_PASS_BYTES) is None
    lack = headroom.find_lack(10_000_000, headroom.SECOND_PASS_BYTES)
    assert lack == "looking at 10,000,000 objects takes up to 2,877 MiB, and 900 MiB are left to the process"


@pytest.mark.parametrize(("left_mib", "is_counted"), [(24, False), (110, True)])
def test_a_target_near_its_limit_is_not_looked_through(short_path: Path, left_mib: int, is_counted: bool) -> None:
    """It would end for lack of memory: with 24 MiB left it is not even counted, with 110 it is, and is not traced."""
    command = [sys.executable, "-c", TIGHT, str(left_mib)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(short_path, dict(os.environ)), stdin=pipe, stdout=pipe) as target:
        assert target.stdout is not None
        assert target.stdout.readline() == b"tight\n"
        link = AgentLink(short_path / f"{target.pid}.sock")
        if is_counted:
            assert link.request("census", collect=True, trim=True)["metrics"]["heap:objects"] > 500_000
        else:
            with pytest.raises(AgentError, match="looking at 6.*objects takes up to .* MiB are left"):
                link.request("census", collect=True, trim=True)
        answer = link.request("trace_start", frames=8)
        assert not answer["is_traced"]
        assert "are left to the process" in answer["lacks"]
        assert link.request("counters")["metrics"]["thread:total"] == 1
        link.close()
        assert target.poll() is None
