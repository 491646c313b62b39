"""What the target printed of its own errors: the exceptions at the end of its tracebacks, and how often each came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from soakproof.agent.objects.masking import mask
from soakproof.logends import LONGEST_LINE, read_end

READ_BYTES = 4 * 1024 * 1024  # of a log that is longer, its end
BEGIN = "Traceback (most recent call last):"
FRAME = re.compile(r'\s+File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>.+)')
INSTALLED = ("/site-packages/", "/dist-packages/", "/lib/python")
LONGEST_TEXT = 200


class Logged(NamedTuple):
    """An exception that ended a traceback: its text, and the innermost line that is not a library's, if any."""

    error: str
    place: str

    def say(self, times: int) -> str:
        """Return it as a clause: ``ValueError: no such user, raised at app.py:31 in connect, 200 times``."""
        return f"{self.error}{f', raised at {self.place}' if self.place else ''}, {times:,} times"


def count_errors(log: Path) -> Counter[Logged]:
    """Return how often each exception ended a traceback in a log; of a long one in its last `READ_BYTES`."""
    return Counter(read_errors(read_end(log, READ_BYTES).splitlines()))


def commonest_error(log: Path) -> tuple[Logged, int] | None:
    """Return the exception that a log shows most often, and how often; None where it shows no traceback."""
    counted = count_errors(log)
    return counted.most_common(1)[0] if counted else None


def read_errors(lines: Iterable[str]) -> Iterator[Logged]:
    """Yield the exception of each traceback, of a chained one the last.

    A traceback's frames are indented; the first line that is not is the exception. Whatever a logger puts in front of
    its first line is passed over.
    """
    place: str | None = None
    pending: Logged | None = None
    for line in lines:
        if line.endswith(BEGIN):
            place = ""
        elif place is None:
            if line.strip() and not is_link(line):
                yield from [pending] if pending else []
                pending = None
        elif not line.startswith((" ", "\t")) and line.strip():
            pending, place = Logged(mask(line.strip()[:LONGEST_LINE])[:LONGEST_TEXT], place), None
        elif frame := FRAME.match(line):
            place = name_place(frame) or place
    yield from [pending] if pending else []


def is_link(line: str) -> bool:
    """Tell whether a line says how two tracebacks are chained."""
    return line.startswith(("During handling of the above", "The above exception was the direct cause"))


def name_place(frame: re.Match[str]) -> str:
    """Return ``app.py:31 in connect`` of a frame, nothing of a library's or Python's own."""
    if any(part in frame["file"] for part in INSTALLED) or frame["file"].startswith("<"):
        return ""
    return f"{PurePath(frame['file']).name}:{frame['line']} in {frame['function']}"
