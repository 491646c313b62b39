"""What a test gives to ``soak``, made into the command that serves it: an application, an import string, a command."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from soakproof.errors import ConfigError

IMPORT_STRING = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
LONGEST_IMPORT_S = 60.0
NEED = "need an ASGI or WSGI application, its import string ('package.module:app'), or a command"
SERVERS = {"asgi": "uvicorn", "wsgi": "werkzeug"}


def make_command(served: Any, directory: Path) -> list[str]:
    """Return the command that serves what a test gave.

    Args:
        served: An ASGI or WSGI application, a function that makes one, an import string, or a command: as one text,
            or as its words.
        directory: Where the command will be started.

    Raises:
        ConfigError: it is none of these, cannot be imported in a process of its own, or there is no server for it.
    """
    if isinstance(served, str) and not IMPORT_STRING.fullmatch(served.strip()):
        return _check_words(shlex.split(served), served)
    if isinstance(served, Sequence) and not isinstance(served, str):
        return _check_words([*map(str, served)], served)
    reference = served.strip() if isinstance(served, str) else find_reference(served)
    return _serve(reference, ask_kind(reference, directory))


def _check_words(words: list[str], served: Any) -> list[str]:
    if not words:
        raise ConfigError(f"soak({served!r}): there is nothing to start; {NEED}")
    return words


def _serve(reference: str, kind: Mapping[str, Any]) -> list[str]:
    server = SERVERS[kind["kind"]]
    if importlib.util.find_spec(server) is None:
        what = kind["kind"].upper()
        raise ConfigError(f"soak({reference!r}): need {server} to serve a {what} application, or give a command")
    factory = ["--factory"] if kind["is_factory"] else []
    if server == "uvicorn":
        return [sys.executable, "-m", "uvicorn", reference, "--port", "{port}", "--log-level", "warning", *factory]
    return [sys.executable, "-m", "soakproof.target.serving", reference, "{port}", *factory]


def find_reference(application: Any) -> str:
    """Return the import string of an object: the module and the name under which another process finds it.

    Raises:
        ConfigError: it stands in no module.
    """
    found = list(_references(application))
    if not found:
        what = f"{type(application).__module__}.{type(application).__qualname__}"
        raise ConfigError(
            f"soak: got an object of {what} that no module has by a name, so another process cannot import it; need "
            "one that stands in a module, a function there that makes it, or an import string"
        )
    return min(found, key=lambda reference: (_is_of_tests(reference), len(reference), reference))


def _references(application: Any) -> Iterator[str]:
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and name != "__main__":
            for attribute, value in list(vars(module).items()):
                if value is application:
                    yield f"{name}:{attribute}"


def _is_of_tests(reference: str) -> bool:
    """Whether it stands in a module of tests, which imports more than the application."""
    last = reference.partition(":")[0].rpartition(".")[2]
    return last.startswith("test_") or last.endswith("_test") or last == "conftest"


def ask_kind(reference: str, directory: Path) -> dict[str, Any]:
    """Return what a reference names, as a process of its own finds it.

    Raises:
        ConfigError: it cannot be imported there, or is no application.
    """
    asked = [sys.executable, "-m", "soakproof.target.loading", reference]
    try:
        done = subprocess.run(  # noqa: S603  # our own module, and a name that was checked
            asked,
            cwd=directory,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST_IMPORT_S,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            f"soak({reference!r}): importing it takes more than {LONGEST_IMPORT_S:.0f} s; does its module serve when "
            "it is imported? Give the command that starts it"
        ) from error
    except (IndexError, ValueError) as error:
        last = (done.stderr.strip() or "nothing printed").splitlines()[-1]
        raise ConfigError(f"soak({reference!r}): importing it ends the process: {last}") from error
    if "error" in answer:
        raise ConfigError(f"soak({reference!r}): {answer['error']}; {NEED}")
    return answer


def environment() -> dict[str, str]:
    """Return the environment in which another process finds the modules that this one does: pytest adds directories."""
    installed = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    dynamic = str(Path(sysconfig.get_paths()["stdlib"], "lib-dynload"))
    added = [path for path in sys.path if path and path not in installed and path != dynamic and Path(path).is_dir()]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(added))}
