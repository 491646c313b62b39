"""Kills for want of memory, as the files of both kinds of cgroup and of the machine count them."""

from __future__ import annotations

import pytest

from soakproof.target.memorydeaths import MemoryDeaths


def made(tmp_path, cgroup, file, limit_file):
    """Return the files of a system in which process 7 is in a cgroup of its own."""
    proc, cgroups = tmp_path / "proc", tmp_path / "cgroup"
    inner = cgroups / ("memory/pod" if "memory" in cgroup else "pod")
    (proc / "7").mkdir(parents=True)
    inner.mkdir(parents=True)
    (proc / "7" / "cgroup").write_text(cgroup)
    (proc / "vmstat").write_text("nr_free_pages 9\noom_kill 4\n")
    (inner / limit_file).write_text(str(128 << 20))
    if file:
        (inner / file).write_text("low 0\noom_kill 1\n")
    return proc, cgroups, inner / file


@pytest.mark.parametrize(
    ("cgroup", "file", "limit_file"),
    [("0::/pod\n", "memory.events", "memory.max"), ("4:memory:/pod\n", "memory.oom_control", "memory.limit_in_bytes")],
)
def test_a_kill_of_the_cgroup(tmp_path, cgroup, file, limit_file):
    """One that was counted since is told, with the limit; one from before is not."""
    proc, cgroups, counts = made(tmp_path, cgroup, file, limit_file)
    deaths = MemoryDeaths([7], proc, cgroups)
    assert deaths.say() == ""
    counts.write_text("low 0\noom_kill 2\n")
    assert "for want of memory of its cgroup, whose limit is 128 MiB: that growth may be the leak" in deaths.say()


def test_a_kill_of_the_machine(tmp_path):
    """Where the cgroup counts nothing, the machine does."""
    proc, cgroups, _ = made(tmp_path, "0::/pod\n", "", "memory.max")
    deaths = MemoryDeaths([7], proc, cgroups)
    assert deaths.say() == ""
    (proc / "vmstat").write_text("nr_free_pages 9\noom_kill 5\n")
    assert "for want of memory of the machine: that growth" in deaths.say()


def test_a_system_that_counts_nothing(tmp_path):
    """No file says anything: no word of memory, and no error."""
    assert MemoryDeaths([7], tmp_path, tmp_path).say() == ""
