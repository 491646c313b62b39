"""Whether a process' threads cache what they free: told by what it was started with, and by its allocator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import soakproof
from soakproof.agent.process import threadcaches
from tests.programs import need

PROGRAM = """
import os, sys
os.environ.clear()
sys.path.insert(0, sys.argv[1])
from agent.process import libc, threadcaches
libc.load()
print(threadcaches.may_be(libc.other()))
"""


def ask(**variables: str) -> bool:
    """Return what a process says that is started with these, and has forgotten them."""
    command = [sys.executable, "-c", PROGRAM, str(Path(soakproof.__file__).parent)]
    return subprocess.check_output(command, env={**os.environ, **variables}, text=True) == "True\n"


@pytest.mark.parametrize(
    ("tunables", "may_be"),
    [
        (threadcaches.without(""), False),
        (threadcaches.without("glibc.malloc.arena_max=2"), False),
        (threadcaches.without("glibc.malloc.tcache_count=7"), True),
        ("glibc.malloc.tcache_count=01", True),
        ("", True),
    ],
)
def test_a_process_tells_by_what_it_was_started_with(tunables: str, may_be: bool) -> None:
    """Whatever it has made of its environment since."""
    assert ask(GLIBC_TUNABLES=tunables) is may_be


def test_another_allocator_has_caches_of_its_own() -> None:
    """It does not read what glibc is told."""
    assert ask(GLIBC_TUNABLES=threadcaches.NONE, LD_PRELOAD=need("libjemalloc.so.2"))


def test_they_may_be_where_nothing_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a process was started with cannot be read everywhere."""
    monkeypatch.setattr(threadcaches, "_STARTED_WITH", str(tmp_path / "none"))
    assert threadcaches.may_be(None)


def test_what_the_user_set_stands() -> None:
    """Beside ours, or in its place."""
    assert threadcaches.without("glibc.malloc.arena_max=2") == "glibc.malloc.arena_max=2:glibc.malloc.tcache_count=0"
    assert threadcaches.without("glibc.malloc.tcache_count=9") == "glibc.malloc.tcache_count=9"
