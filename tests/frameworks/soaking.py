"""Soaks an application of a framework in an environment of its own, with the real command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.soaking import Soaked
from benchmarks.soaking import soak as run
from tests.corpus.environment import ENVIRONMENTS, make_environment
from tests.frameworks.cases import CASES, HERE

PYTHON = "3.11"
LONGEST_S = 1500.0
SMALLER = ("--clients", "50")  # than the 200 of a run: a test shares its machine with others


def soak(name: str, side: str, work: Path, options: tuple[str, ...] = SMALLER) -> Soaked:
    """Soak one side of a case in a copy of its folder, since frameworks write beside what they run; below ``work``."""
    case = CASES[name]
    apps = shutil.copytree(HERE / "apps" / name, work / name)
    folder = work / (case.folder.format(side=side) or name)
    assert folder.exists(), apps
    programs = make_environment(PYTHON, HERE / "pins" / f"{name}.txt").parent
    command = [word.format(bin=programs, side=side) for word in case.command]
    path = os.pathsep.join([str(programs), *npm_programs(case.npm), os.environ["PATH"]])
    typed = [*case.options, *options]
    return run(work / "run", typed, command, directory=folder, variables={"PATH": path}, longest_s=LONGEST_S)


def npm_programs(package: str) -> list[str]:
    """Return the directory of a package's programs, which is installed once; none where none is wanted."""
    if not package:
        return []
    folder = ENVIRONMENTS / f"npm-{package.replace('@', '-')}"
    if not (folder / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), package]
        subprocess.run(install, check=True, capture_output=True)
        (folder / ".ready").touch()
    return [str(folder / "node_modules" / ".bin")]
