"""The end of a log that a process writes: gigabytes of it cost no more than a page, and no secret of it is told."""

from __future__ import annotations

from pathlib import Path

from soakproof.agent.objects.masking import mask

READ_BYTES = 64 * 1024
LONGEST_LINE = 1000


def read_end(log: Path, most_bytes: int = READ_BYTES) -> str:
    """Return so many of a file's last bytes as text, nothing where it cannot be read."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - most_bytes))
            return stream.read(most_bytes).decode(errors="replace")
    except OSError:  # somebody has removed the directory of the run
        return ""


def last_lines(log: Path, number: int) -> list[str]:
    """Return a log's last lines that are not empty, without secrets, each as far as a person reads on."""
    lines = [line for line in read_end(log).splitlines() if line.strip()]
    return [mask(line[:LONGEST_LINE]) for line in lines[-number:]]
