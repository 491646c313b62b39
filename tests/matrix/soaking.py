"""Soaks an app of the matrix as its user would: in a fresh directory, by a command line, and reads what comes out."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.soaking import READ, SHORT, Soaked
from benchmarks.soaking import soak as run
from tests.matrix.cells import Cell
from tests.matrix.interpreters import bin_of

APPS = Path(__file__).parent / "apps"
MARK = re.compile(r"^(?P<indent>\s*)(?P<code>.*?)  # leaks: (?P<owner>.+)$")


@dataclass(frozen=True)
class Leak:
    """What a leaky app keeps: who owns it, and the line that fills it."""

    owner: str
    file: str
    line: int


@dataclass(frozen=True)
class Outcome:
    """What the user gets to see, and what there was to find."""

    done: Soaked
    leak: Leak


def soak(cell: Cell, directory: Path, *, is_leaky: bool) -> Outcome:
    """Soak the leaky or the clean twin of a cell's app in this directory."""
    leak = lay_out(cell, directory, is_leaky=is_leaky)
    variables = {**cell.variables, "PATH": os.pathsep.join([str(bin_of(cell.environment)), os.environ["PATH"]])}
    options = [*SHORT, *READ, *cell.options]
    done = run(Path("out"), options, cell.command.split(), directory=directory, variables=variables, longest_s=400)
    keep(directory, f"{cell.name}-{'leaky' if is_leaky else 'clean'}")
    return Outcome(done, leak)


def lay_out(cell: Cell, directory: Path, *, is_leaky: bool) -> Leak:
    """Copy the app of a cell, without its marks; the clean twin has ``pass`` where the leaky one leaks."""
    source = APPS / cell.app
    leaks = []
    for file in sorted(source.glob("*.py")) if source.is_dir() else [source]:
        lines = file.read_text().splitlines()
        for at, line in enumerate(lines):
            if mark := MARK.match(line):
                leaks.append(Leak(mark["owner"], file.name, at + 1))
                lines[at] = mark["indent"] + (mark["code"] if is_leaky else "pass")
        write(directory / file.relative_to(APPS), "\n".join(lines) + "\n")
    for name, text in cell.files.items():
        write(directory / name, text)
    (leak,) = leaks
    return leak


def write(file: Path, text: str) -> None:
    """Write a file, and make its directory."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def keep(directory: Path, name: str) -> None:
    """Keep what a soak left below ``$MATRIX_KEEP``, for who wants to read it."""
    if kept := os.environ.get("MATRIX_KEEP"):
        shutil.copytree(directory, Path(kept) / name, dirs_exist_ok=True)
