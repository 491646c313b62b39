"""Whether a process' threads cache what they free: told by what it was started with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soakproof.target import threadcaches


@pytest.mark.parametrize(
    ("tunables", "are_off"),
    [
        (threadcaches.without(""), True),
        (threadcaches.without("glibc.malloc.arena_max=2"), True),
        (threadcaches.without("glibc.malloc.tcache_count=7"), False),
        ("glibc.malloc.tcache_count=01", False),
        ("", False),
    ],
)
def test_it_is_told_of_a_running_process(tunables: str, are_off: bool) -> None:
    """By its environment when it began, which it may have changed for itself since."""
    program = "import os; os.environ.clear(); print(flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, threadcaches.VARIABLE: tunables},
    )
    try:
        assert process.stdout
        process.stdout.readline()
        assert threadcaches.are_off(process.pid) is are_off
    finally:
        process.communicate(b"\n")


def test_they_are_not_off_where_nothing_tells(tmp_path: Path) -> None:
    """An environment that cannot be read, or a process that is gone."""
    assert not threadcaches.are_off(1, tmp_path)


def test_what_the_user_set_stands() -> None:
    """Beside ours, or in its place."""
    assert threadcaches.without("glibc.malloc.arena_max=2") == "glibc.malloc.arena_max=2:glibc.malloc.tcache_count=0"
    assert threadcaches.without("glibc.malloc.tcache_count=9") == "glibc.malloc.tcache_count=9"
