"""Virtual environments for the corpus: one per set of pins and Python, made once and kept in a folder git ignores."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from soakproof.development import find_python

ENVIRONMENTS = Path(__file__).parent / ".environments"


class MissingPythonError(Exception):
    """There is no such Python on this machine."""


def interpreter(version: str) -> str:
    """Return an interpreter of a version such as ``3.9``.

    Raises:
        MissingPythonError: none was found.
    """
    own = ".".join(map(str, sys.version_info[:2]))
    found = sys.executable if version == own else find_python(version)
    if not found:
        raise MissingPythonError(f"no Python {version} on this machine; need it to install the versions that leak")
    return found


def make_environment(version: str, pins: Path) -> Path:
    """Return the interpreter of an environment that holds exactly the pins; make it if there is none yet."""
    base = interpreter(version)
    key = hashlib.sha256(f"{version}\n{pins.read_text()}".encode()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"{pins.parent.name}-{pins.stem}-{key}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs may want the same at once
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([base, "-m", "venv", folder])
            install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            _run([*install, "--requirement", pins])
            ready.touch()
    return python


def _run(command: list[str | Path]) -> None:
    """Run a command, and show what it said only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
