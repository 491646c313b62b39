"""The memory that a process may have: cgroup version 2 and 1, nested, unlimited, and seen from inside a container."""

from __future__ import annotations

import os

import psutil
import pytest

from soakproof.target.memorylimit import read_cgroup_limit, read_memory_limit

PID = 4242
NONE_IN_V1 = 9223372036854771712


@pytest.fixture
def world(tmp_path):
    """Return a function that writes /proc/PID/cgroup and limit files, and reads the limit."""

    def read(cgroup, **limits):
        (tmp_path / "proc" / str(PID)).mkdir(parents=True)
        (tmp_path / "proc" / str(PID) / "cgroup").write_text(cgroup)
        for path, limit in limits.items():
            file = tmp_path / "fs" / path.replace("__", "/").replace("_max", ".max").replace("_limit", ".limit")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{limit}\n")
        return read_cgroup_limit(PID, tmp_path / "proc", tmp_path / "fs")

    return read


def test_the_lowest_limit_on_the_way_up_holds(world):
    """A cgroup of version 2 is held by its parents' limits too."""
    limit = world("0::/pod/server\n", pod__server__memory_max="max", pod__memory_max=512 << 20, memory_max="max")
    assert limit == 512 << 20


def test_version_1_is_read_below_its_controller(world):
    """Version 1 has a tree per controller."""
    limit = world("9:name=systemd:/\n4:cpu,memory:/box\n0::/\n", memory__box__memory_limit_in_bytes=256 << 20)
    assert limit == 256 << 20


def test_inside_a_container_the_root_has_the_limit(world):
    """Where the path is the host's and is not to be seen, the root is the container's own."""
    assert world("4:memory:/docker/abc\n", memory__memory_limit_in_bytes=128 << 20) == 128 << 20


def test_no_limit_is_none(world):
    """``max`` everywhere is no limit, and neither is a process that is gone."""
    assert world("0::/\n", memory_max="max") is None
    assert read_cgroup_limit(1 << 30) is None


def test_a_limit_beyond_the_machine_is_the_machine():
    """A real process has a limit, and it is no more than the machine's memory."""
    limit = read_memory_limit(os.getpid())
    assert 0 < limit.limit_bytes <= psutil.virtual_memory().total
    assert limit.source == ("machine" if limit.limit_bytes == psutil.virtual_memory().total else "cgroup")


def test_version_1_says_none_by_a_huge_number(world, monkeypatch):
    """The number that stands for no limit is beyond any machine, so the machine's memory holds."""
    found = world("4:memory:/\n", memory__memory_limit_in_bytes=NONE_IN_V1)
    monkeypatch.setattr("soakproof.target.memorylimit.read_cgroup_limit", lambda _: found)
    assert read_memory_limit(PID).source == "machine"
