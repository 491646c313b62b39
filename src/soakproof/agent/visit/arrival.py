"""The script that a running process executes: it loads the agent from where it was laid, under its private name.

It runs in the target's main thread, between any two instructions, in a namespace of its own; `unpacking` adds the call.
Nothing that goes wrong here reaches the target: why the agent did not start is written beside the script.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any, Optional

NAME = "_soakproof_agent"


def arrive(directory: str, page: Optional[tuple[int, int]], spares_ctypes: bool) -> None:
    """Start the agent as a visitor; a process that carries one already keeps that one."""
    try:
        refuse_second()
        try:
            load(os.path.join(directory, "agent")).visit(directory, page=page, spares_ctypes=spares_ctypes)  # noqa: PTH118 -- pathlib is a module more
        except BaseException:
            for name in [name for name in sys.modules if name == NAME or name.startswith(NAME + ".")]:
                del sys.modules[name]
            raise
    except BaseException as error:  # the target goes on, whatever happens here
        leave_word(directory, str(error) or type(error).__name__)


def refuse_second() -> None:
    """Raise RuntimeError where an agent is here already: one that was prepared, or of another run."""
    for name in (NAME, "soakproof.agent"):
        present = getattr(sys.modules.get(name), "_agent", None)
        if present is not None:
            raise RuntimeError(f"carries soakproof's agent already; need --attach {present.path}")


def load(package: str) -> Any:
    """Load the agent's package by its place in the file system."""
    place = os.path.join(package, "__init__.py")  # noqa: PTH118 -- pathlib is a module more
    spec = importlib.util.spec_from_file_location(NAME, place, submodule_search_locations=[package])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return module


def leave_word(directory: str, reason: str) -> None:
    """Say beside the script why there is no agent, at once as a whole."""
    failed = os.path.join(directory, f"{os.getpid()}.failed")  # noqa: PTH118 -- pathlib is a module more
    try:
        with open(failed + ".part", "w") as file:  # noqa: PTH123 -- likewise
            file.write(reason)
        os.rename(failed + ".part", failed)  # noqa: PTH104 -- likewise
    except OSError:
        pass
