"""Environments for targets, of other Pythons and packages than soakproof's own; made once, below its environment.

"3.14" has what an ASGI server needs, in the newest releases; "3.14-locked" all packages of soakproof's own environment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soakproof.development import find_python

ROOT = Path(sys.prefix) / "matrix"
LOCK = Path(__file__).parents[2] / "requirements" / "lock.txt"
ASGI = ("python-socketio", "uvicorn", "websockets")
PACKAGES = {
    "eventlet": ("flask-socketio", "eventlet"),
    "wrapt": ("wrapt",),
    "hours": (
        *("python-socketio", "uvicorn", "websockets", "uvloop", "flask-socketio", "simple-websocket"),
        *("gevent", "gevent-websocket", "cachetools", "apscheduler"),
    ),
}


def bin_of(name: str) -> Path:
    """Return the directory of an environment's commands, made if it is not there; skip where it cannot be made."""
    if not name:
        return Path(sys.executable).parent
    directory = ROOT / name
    if not (directory / ".ready").exists():
        make_environment(name, directory)
    return directory / "bin"


def make_environment(name: str, directory: Path) -> None:
    """Make a virtual environment with what a target needs."""
    version, _, is_locked = name.partition("-")
    python = sys.executable if name in PACKAGES else find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine: see `soakproof doctor --development`")
    subprocess.run([python, "-m", "venv", directory], check=True)
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    packages = ("-r", str(LOCK)) if is_locked else PACKAGES.get(name, ASGI)
    done = subprocess.run([*pip, *packages], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the packages for {name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    (directory / ".ready").touch()
