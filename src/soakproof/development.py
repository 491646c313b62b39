"""What working on soakproof itself asks of a machine: the programs of ``requirements/programs.txt``, and Pythons.

`soakproof doctor --development` prints it; the tests ask it what may be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from soakproof.doctor import Check
from soakproof.errors import UsageError
from soakproof.target.allocators import LIBRARIES

PYTHONS = tuple(f"3.{minor}" for minor in range(9, 16))
NEWEST = PYTHONS[-2:]
NEWER = Path(os.environ.get("NEWER_PYTHON", "/opt/newer-python"))  # where requirements/newer-python puts them
NEWER_GDB = Path(os.environ.get("NEWER_GDB", "/opt/newer-gdb"), "bin", "gdb")  # where requirements/newer-gdb puts it
LIST = Path(__file__).parents[2] / "requirements" / "programs.txt"


class Program(msgspec.Struct, frozen=True):
    """A system program or library: its name, the Debian package that has it, the group it belongs to, what needs it."""

    name: str
    package: str
    group: str
    need: str

    @property
    def install(self) -> str:
        """The command that installs it."""
        return f"apt-get install {self.package}"

    def find(self) -> str | None:
        """Return where it is, None where it is not."""
        if ".so." in self.name:
            return next((str(each / self.name) for each in LIBRARIES if (each / self.name).exists()), None)
        program, _, module = self.name.partition(":")
        path = shutil.which(program)
        return path if path and (not module or imports(path, module)) else None


def imports(python: str, module: str) -> bool:
    """Whether a Python has a module: Debian's leaves some to packages of their own."""
    command = [python, "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - names of the list


def find_python(minor: str) -> str | None:
    """Return a Python of a version such as ``3.9`` that makes environments: of PATH, of pyenv, beside Debian's."""
    name = f"python{minor}"
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{minor}.*/bin/python"), reverse=True)
    candidates = [shutil.which(name), *map(str, pyenv), shutil.which(NEWER / "usr" / "bin" / name)]
    return next((each for each in candidates if each and imports(each, "venv")), None)  # pyenv's shims may be neither


def read_programs() -> list[Program]:
    """Return the programs of the list in the checkout.

    Raises:
        UsageError: soakproof was not installed from a checkout, so there is no list.
    """
    try:
        lines = LIST.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise UsageError(
            f"--development: {LIST} is not there, need a checkout of soakproof; its developers need this, leave it out"
        ) from None
    return [Program(*line.split(maxsplit=3)) for line in lines if line.strip() and not line.startswith("#")]


def examine_development() -> Iterator[Check]:
    """Yield a check for each program and each Python that the Makefile's targets and the tests use."""
    for program in read_programs():
        found = program.find()
        yield Check(
            name=program.name,
            found=found or "not on this machine",
            is_good=found is not None,
            limits=f"{program.need}: skipped, or fails (make {program.group})",
            remedy=program.install,
        )
    yield from map(check_python, PYTHONS)


def check_python(minor: str) -> Check:
    """The agent works in many Pythons, and is tested in those that are there."""
    found = find_python(minor)
    return Check(
        name=f"Python {minor}",
        found=found or "not on this machine",
        is_good=found is not None,
        limits="the tests of the agent, and the cells of the matrix, on this Python: skipped",
        remedy=f"requirements/newer-python {minor}  (Debian)" if minor in NEWEST else f"pyenv install {minor}",
    )
