"""What the reference server imports is what pyproject.toml says it needs: its image has nothing else."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

PROJECT = Path(__file__).parents[2]
NOT_NAME = re.compile(r"[^\w.-]")


def imported() -> set[str]:
    """Return the packages outside of Python and the server that its files import."""
    found: set[str] = set()
    for file in (PROJECT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                found.update(each.name.partition(".")[0] for each in node.names)
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"server"}


def normalized(requirement: str) -> str:
    """Return the name in a requirement, written as all write it."""
    return re.sub(r"[-_.]+", "-", NOT_NAME.split(requirement)[0]).lower()


def with_what_they_need(requirements: list[str]) -> set[str]:
    """Return the names of what is required, and of what that requires without an extra."""
    names: set[str] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        name = normalized(requirement)
        if name not in names and "extra ==" not in requirement:
            names.add(name)
            with suppress(PackageNotFoundError):  # another Python's, or another system's
                waiting += distribution(name).requires or []
    return names


def test_the_reference_server_declares_what_it_imports() -> None:
    """Each import is of a requirement of the extra `server`, or of what one of those requires."""
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    needed = with_what_they_need(extras["server"])
    homes = packages_distributions()
    names = imported()
    assert {"psutil", "socketio"} < names
    assert not {name for name in names if not needed & set(map(normalized, homes[name]))}
