"""The journal: writes ``run.jsonl`` record by record, so that a crash loses nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from soakproof.errors import JournalError, OutputError
from soakproof.runfile import encode
from soakproof.samples import AnyRecord, Header, Metric, Run
from soakproof.thinning import ThinReader


class Journal:
    """Append-only writer of one run. ``metrics`` has what was first said of each metric so far.

    ``told`` hears of each record that is written.

    It keeps nothing else until somebody reads: while the load runs, a million connections take no more of the harness's
    memory than a thousand.

    Raises:
        OutputError: the file cannot be opened.
        JournalError: it cannot be continued (a full disk).
    """

    def __init__(self, file: Path, header: Header, told: Callable[[AnyRecord], None] | None = None) -> None:
        self.file = file
        self._told = told
        self.metrics: dict[str, Metric] = {}
        self._reader: ThinReader | None = None
        self._stream = self._open()
        self._append(encode(header))

    def write(self, record: AnyRecord) -> int:
        """Append a record; return how many bytes it took."""
        line = encode(record)
        self._append(line)
        if self._told is not None:
            self._told(record)
        if isinstance(record, Metric):
            self.metrics.setdefault(record.metric, record)
        return len(line)

    def read(self) -> Run:
        """Return all that was written so far, reading on from where the last reading ended."""
        self._reader = self._reader or ThinReader(self.file)
        run = self._reader.read()
        run.is_under_way = run.end is None
        return run

    def forget(self) -> None:
        """Let go of what was read."""
        self._reader = None

    def close(self) -> None:
        """Close the file; harmless when called twice, and when the end of a record found no room."""
        with suppress(OSError):
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> BinaryIO:
        try:
            return self.file.open("wb")
        except OSError as error:
            raise OutputError(
                f"{self.file}: {error.strerror}; need a directory that can be written (--out DIR)"
            ) from error

    def _append(self, line: bytes) -> None:
        try:
            self._stream.write(line)
            self._stream.flush()
        except OSError as error:
            raise JournalError(
                f"{self.file}: {error.strerror}, so that samples are missing from here on; free some or choose another "
                f"--out, and run again. What was measured until then is kept: soakproof judge {self.file.parent}"
            ) from error
        if not os.fstat(self._stream.fileno()).st_nlink and not self.file.exists():
            raise JournalError(
                f"{self.file}: was removed while the run was being written, and what was measured with it; leave the "
                "directory alone until the run has ended, and soak again"
            )
