"""An environment for each set of packages, in their newest releases; made once, in a folder that git ignores."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.corpus.environment import ENVIRONMENTS

LIST = """
import importlib.metadata, json
print(json.dumps({each.metadata["Name"]: each.version for each in importlib.metadata.distributions()}))
"""


def make_newest(install: list[str]) -> Path:
    """Return the interpreter of an environment with the newest releases that fit together; make it if there is none."""
    key = hashlib.sha256(" ".join(sorted(install)).encode()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"found-{key}"
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        command: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *install]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(install)}: {done.stdout}{done.stderr}")
        (folder / ".ready").touch()
    return python


def list_versions(python: Path) -> dict[str, str]:
    """Return what is installed beside an interpreter, by name as its maker writes it."""
    printed = subprocess.run([python, "-c", LIST], capture_output=True, text=True, check=True)
    versions: dict[str, str] = json.loads(printed.stdout)
    return versions
