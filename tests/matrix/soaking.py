"""Soaks an app of the matrix as its user would: in a fresh directory, by a command line, and reads what comes out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.matrix.cells import Cell
from tests.matrix.interpreters import bin_of

APPS = Path(__file__).parent / "apps"
MARK = re.compile(r"^(?P<indent>\s*)(?P<code>.*?)  # leaks: (?P<owner>.+)$")
SHORT = ("--clients", "100", "--waves", "7", "--steady", "0", "--drain", "2")


@dataclass(frozen=True)
class Leak:
    """What a leaky app keeps: who owns it, and the line that fills it."""

    owner: str
    file: str
    line: int


@dataclass(frozen=True)
class Outcome:
    """What the user gets to see."""

    exit_code: int
    printed: str
    verdict: dict[str, Any]


def lay_out(cell: Cell, directory: Path, *, is_leaky: bool) -> Leak:
    """Copy the app of a cell, without its marks; the clean twin has ``pass`` where the leaky one leaks."""
    source = APPS / cell.app
    files = sorted(source.glob("*.py")) if source.is_dir() else [source]
    leaks = []
    for file in files:
        target = directory / file.relative_to(APPS)
        target.parent.mkdir(exist_ok=True)
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines, start=1):
            if mark := MARK.match(line):
                leaks.append(Leak(mark["owner"], file.name, number))
                lines[number - 1] = mark["indent"] + (mark["code"] if is_leaky else "pass")
        target.write_text("\n".join(lines) + "\n")
    for name, text in cell.files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text)
    (leak,) = leaks
    return leak


def soak(cell: Cell, directory: Path, *options: str) -> Outcome:
    """Soak the app in the directory."""
    path = os.pathsep.join([str(bin_of(cell.environment)), os.environ["PATH"]])
    soakproof = [sys.executable, "-m", "soakproof", "run", "--out", "out", *SHORT, *cell.options, *options]
    done = subprocess.run(
        [*soakproof, "--", *cell.command.split()],
        cwd=directory,
        env={**os.environ, **cell.variables, "PATH": path},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    verdict = directory / "out" / "verdict.json"
    return Outcome(
        done.returncode, done.stdout + done.stderr, json.loads(verdict.read_text()) if verdict.exists() else {}
    )


def keep(directory: Path, name: str) -> None:
    """Keep what a soak left, for who wants to read it."""
    kept = os.environ.get("MATRIX_KEEP")
    if kept:
        shutil.copytree(directory, Path(kept) / name, dirs_exist_ok=True)
