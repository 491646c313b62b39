"""The harness's side of the injection: the environment in which a target's Python processes start with the agent."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from soakproof import agent
from soakproof.agent.process import threadcaches

BOOTSTRAP = Path(agent.__file__).resolve().parent / "bootstrap"
LONGEST_DIRECTORY = 107 - len("/4194304.sock")  # unix(7): sun_path holds 108 bytes
DIRECTORY_VARIABLE = "SOAKPROOF_AGENT_DIR"


def environment(directory: Path, base: Mapping[str, str]) -> dict[str, str]:
    """Return ``base`` extended so that every Python process started in it carries the agent, and counts exactly.

    Args:
        directory: where the agents put their sockets, ``<pid>.sock``; made if missing, and open to its owner alone.
        base: the environment the target would have had.

    Raises:
        OSError: the directory cannot be made, or its path is too long for Unix sockets in it.
    """
    if len(os.fsencode(directory.resolve())) > LONGEST_DIRECTORY:
        raise OSError(errno.ENAMETOOLONG, f"need at most {LONGEST_DIRECTORY} bytes, for Unix sockets", str(directory))
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    inherited = base.get("PYTHONPATH")
    path = os.pathsep.join([str(BOOTSTRAP), inherited] if inherited else [str(BOOTSTRAP)])
    return {
        **base,
        "PYTHONPATH": path,
        DIRECTORY_VARIABLE: str(directory.resolve()),
        threadcaches.VARIABLE: threadcaches.without(base.get(threadcaches.VARIABLE, "")),
    }
