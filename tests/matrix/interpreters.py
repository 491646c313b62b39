"""Environments for targets, of other Pythons and packages than soakproof's own; made once, below ``.venv``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / ".venv" / "matrix"
ASGI = ("python-socketio", "uvicorn", "websockets")
PACKAGES = {"eventlet": ("flask-socketio", "eventlet")}


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
    python = sys.executable if name in PACKAGES else find_python(name)
    if python is None:
        pytest.skip(f"no Python {name} on this machine: neither python{name} on PATH, nor one of pyenv's")
    subprocess.run([python, "-m", "venv", directory], check=True)
    pip = [directory / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *PACKAGES.get(name, ASGI)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the packages for {name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    (directory / ".ready").touch()


def find_python(minor: str) -> str | None:
    """Return a Python of this minor version that runs, None where there is none."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{minor}.*/bin/python"), reverse=True)
    candidates = [shutil.which(f"python{minor}"), *map(str, pyenv)]
    return next((each for each in candidates if each and runs(each)), None)


def runs(python: str) -> bool:
    """Whether a command is a Python that can make virtual environments: a shim of pyenv may be neither."""
    return subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0
