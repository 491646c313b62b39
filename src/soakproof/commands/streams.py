"""The streams that commands print to: a reader that goes away ends no run."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Literal, TextIO


class LastingStream:
    """Standard output or error: when its reader is gone (`| head`, a closed terminal), what is printed goes nowhere.

    A verdict that nobody reads is still written, and still has its exit code; and an exit code of 1, with which other
    programs end here, would be a leak.
    """

    def __init__(self, name: Literal["stdout", "stderr"]) -> None:
        self._name = name

    @property
    def encoding(self) -> str:
        """The stream's."""
        return self._stream().encoding or "utf-8"

    def write(self, text: str) -> int:
        """Write, if anybody reads."""
        try:
            self._stream().write(text)
        except OSError:
            self._hush()
        return len(text)

    def flush(self) -> None:
        """Have it written, if anybody reads."""
        try:
            self._stream().flush()
        except OSError:
            self._hush()

    def isatty(self) -> bool:
        """Whether it is a terminal's."""
        return self._stream().isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor."""
        return self._stream().fileno()

    def _stream(self) -> TextIO:
        """Return the stream that is in force, behind what may stand before it while something is drawn live."""
        stream = getattr(sys, self._name)
        found: TextIO = getattr(stream, "rich_proxied_file", stream)
        return found

    def _hush(self) -> None:
        """Let all that follows, and what is still unwritten, go nowhere."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
