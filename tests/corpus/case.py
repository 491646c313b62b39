"""What a case of the corpus is: a real leak in a library that serves Socket.IO, and the same server mended.

A case is a folder under ``cases/``: ``case.toml`` says what is run and who must be named, ``*.py`` are the servers, and
``*.txt`` the exact pins of all that is installed for them.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"
BUILDS = ("leaky", "fixed")


@dataclass(frozen=True)
class Build:
    """One side of a case: ``what`` a person would call it, the ``app`` module to serve, and the file of its pins.

    ``open`` says what of the demand is not met yet, and why; it is empty where all is.
    """

    name: str
    what: str
    app: str
    pins: Path
    open: str = ""


@dataclass(frozen=True)
class Case:
    """A leak and its mended twin.

    ``run`` is the server's command after ``python``, with ``{app}`` for its module; ``needs`` names what must run
    beside it (redis, at ``REDIS_URL``); ``options`` are those of ``soakproof run``; ``culprits`` are the names of the
    leaks that must be found, the first finding among them, and ``trigger`` is a piece of what must be named as such.
    """

    name: str
    title: str
    reference: str
    python: str
    run: list[str]
    options: list[str]
    culprits: list[str]
    trigger: str
    needs: list[str]
    builds: dict[str, Build]

    @property
    def folder(self) -> Path:
        """Where the case's files are."""
        return CASES / self.name

    def fingerprint(self) -> str:
        """Return what changes when anything that is soaked does: the servers, the pins, the command, the options."""
        told = (self.python, self.run, self.options, self.needs, self._files())
        digest = hashlib.sha256(repr(told).encode())
        for file in self._files():
            digest.update(b"\0" + (self.folder / file).read_bytes())
        return digest.hexdigest()[:16]

    def _files(self) -> list[str]:
        scripts = {file.name for file in self.folder.glob("*.py")}
        return sorted(scripts | {build.pins.name for build in self.builds.values()})


def load_case(name: str) -> Case:
    """Read a case from its folder."""
    table = tomllib.loads((CASES / name / "case.toml").read_text())
    return Case(
        name=name,
        title=table["title"],
        reference=table["reference"],
        python=table.get("python", "3.11"),
        run=table["run"],
        options=table["options"],
        culprits=table["culprits"],
        trigger=table.get("trigger", ""),
        needs=table.get("needs", []),
        builds={build: _load_build(CASES / name, build, table[build]) for build in BUILDS},
    )


def load_cases() -> list[Case]:
    """Read all cases, by name."""
    return [load_case(file.parent.name) for file in sorted(CASES.glob("*/case.toml"))]


def _load_build(folder: Path, name: str, table: dict[str, str]) -> Build:
    return Build(
        name=name,
        what=table["what"],
        app=table.get("app", "app"),
        pins=folder / table.get("pins", f"{name}.txt"),
        open=table.get("open", ""),
    )
