"""Where a run comes from: the commit, and the machine's figures."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import psutil

from benchmarks.accuracy.records import Machine

PRODUCT = ("src", "server", "loadtests")


def read_commit() -> str:
    """Return the commit that is checked out, with a plus where the product differs from it."""
    said = _git("rev-parse", "--short=10", "HEAD")
    return said + ("+" if _git("status", "--porcelain", "--", *PRODUCT) else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603, S607


def describe_machine(load: float) -> Machine:
    """Return the figures of this machine; ``load`` is its load average when the run began."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return Machine(
        cores=os.cpu_count() or 0,
        cpu=models[0] if models else platform.machine(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        load=round(load, 1),
        python=platform.python_version(),
    )
