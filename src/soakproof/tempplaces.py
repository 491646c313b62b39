"""The place for temporary files: not one in which somebody else could put others in their place."""

from __future__ import annotations

import tempfile
from pathlib import Path

from soakproof.agent.transport.places import choose_place
from soakproof.errors import OutputError


def find_temporary_place() -> Path:
    """Return a directory for temporary files, without links on the way to it; that of TMPDIR where it is safe.

    Raises:
        OutputError: in all that there are others could put something in the place of what is ours.
    """
    try:
        return Path(choose_place(tempfile.gettempdir()))
    except PermissionError as error:
        raise OutputError(f"TMPDIR: {error.strerror}") from error
