"""Stopping: whatever ends a run, its parts are ended in order, and a second Ctrl-C leaves none of them behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from soakproof.errors import InterruptedRunError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Part(Protocol):
    """What can be stopped; harmless when called twice, or before it was started."""

    def stop(self) -> None:
        """End it."""


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Treat every signal that ends a program as Ctrl-C: what was measured is judged and reported."""
    raise KeyboardInterrupt


@contextmanager
def kept_when_interrupted(out: Path) -> Iterator[None]:
    """Say where the run is, and how its reports are had, when Ctrl-C ends the block that was to write them.

    Raises:
        InterruptedRunError: it does, and something was measured.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        if not any(out.glob("run.jsonl*")):
            raise
        raise InterruptedRunError(
            f"interrupted before all reports were written; what was measured is kept: soakproof report {out}"
        ) from error


@contextmanager
def stopped_at_the_end(*parts: Part) -> Iterator[None]:
    """Stop the parts when the block is left, in this order; one that fails keeps none of the others from it."""
    try:
        yield
    finally:
        with ignored_signals(), ExitStack() as stack:
            for part in reversed(parts):
                stack.callback(part.stop)


@contextmanager
def ignored_signals() -> Iterator[None]:
    """Pass over whatever asks this process to end, for the seconds that ending takes."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
