"""The directory of a run: made before anything begins, removed if nothing did."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from soakproof.config import Config
from soakproof.errors import OutputError

RUNS = Path("reports/runs")
LATEST = Path("reports/latest")
MOST_AT_ONCE = 100  # runs that begin in the same second


def make_output_directory(config: Config) -> Path:
    """Create the directory of the run.

    Raises:
        OutputError: it cannot be made.
    """
    names = [Path(config.out)] if config.out else name_by_time(RUNS)
    for out in names:
        try:
            out.mkdir(parents=True, exist_ok=config.out is not None)
        except OSError as error:
            if isinstance(error, FileExistsError) and config.out is None:
                continue
            raise OutputError(f"--out {out}: {error.strerror}; need a directory that can be written") from error
        return out
    raise OutputError(f"{RUNS}: {MOST_AT_ONCE} runs began there in this second; name another directory (--out DIR)")


def name_by_time(runs: Path) -> list[Path]:
    """Return the paths to try for a run that begins now: of several in one second, all but the first get a number."""
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    return [runs / name, *(runs / f"{name}-{number}" for number in range(2, MOST_AT_ONCE + 1))]


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Have a directory to oneself for the time of the block; the lock ends with the process, however it ends.

    Raises:
        OutputError: it holds a run already, another process is writing one there, or it cannot be written.
    """
    try:
        descriptor = os.open(out, os.O_RDONLY)
    except OSError as error:
        raise OutputError(f"--out {out}: {error.strerror}; need a directory that can be written") from error
    try:
        _claim(out, descriptor)
        yield
    finally:
        os.close(descriptor)


def _claim(out: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OutputError(f"--out {out}: another run is being written there; name another directory") from error
    if any(out.glob("run.jsonl*")):
        raise OutputError(f"--out {out}: holds a run already, and none is ever overwritten; name another directory")
    if links := sorted(path.name for path in out.iterdir() if path.is_symlink()):
        raise OutputError(f"--out {out}: {links[0]} in it is a link, and nothing is written through one; remove it")
    try:
        (out / "target.log").touch()
    except OSError as error:
        raise OutputError(f"--out {out}: {error.strerror}; need a directory that can be written") from error


def remove_if_unused(out: Path) -> None:
    """Remove the directory of a run that never began, unless the target has printed something there."""
    log = out / "target.log"
    if not (out / "run.jsonl").exists() and log.exists() and not log.stat().st_size:
        shutil.rmtree(out, ignore_errors=True)


def point_latest(out: Path) -> None:
    """Let ``reports/latest`` point at a run below ``reports/runs``."""
    if out.parent != RUNS:
        return
    beside = LATEST.with_name(f"{LATEST.name}-{out.name}")
    beside.symlink_to(Path("runs") / out.name)
    beside.replace(LATEST)  # at once: another run may be doing the same
