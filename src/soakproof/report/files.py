"""The one way in which reports are written: beside the run, and never through a link that a stored run may hold."""

from __future__ import annotations

from pathlib import Path

from soakproof.errors import OutputError


def write_file(file: Path, content: str | bytes) -> Path:
    """Write a file anew, in the place of whatever has its name: of a link the link goes, and what it led to stays."""
    file.unlink(missing_ok=True)
    with file.open("xb") as stream:  # which follows no link
        stream.write(content.encode() if isinstance(content, str) else content)
    return file


def make_folder(folder: Path) -> Path:
    """Make a directory of the run's, where there is none.

    Raises:
        OutputError: it is a link, which leads to where it is not the run's.
    """
    if folder.is_symlink():
        raise OutputError(f"{folder}: is a link, and nothing is written through the links of a run; remove it")
    folder.mkdir(exist_ok=True)
    return folder
