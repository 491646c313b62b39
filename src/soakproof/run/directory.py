"""The directory of a run: made before anything begins, removed if nothing did."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from soakproof.config import Config
from soakproof.errors import OutputError

RUNS = Path("reports/runs")
LATEST = Path("reports/latest")


def make_output_directory(config: Config) -> Path:
    """Create the directory of the run.

    Raises:
        OutputError: it cannot be made or written, or it holds a run already.
    """
    out = Path(config.out) if config.out else RUNS / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    if (out / "run.jsonl").exists():
        raise OutputError(f"--out {out}: holds a run already, and none is ever overwritten; name another directory")
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "target.log").touch()
    except OSError as error:
        raise OutputError(f"--out {out}: {error.strerror}; need a directory that can be written") from error
    return out


def remove_if_unused(out: Path) -> None:
    """Remove the directory of a run that never began, unless the target has printed something there."""
    if not (out / "run.jsonl").exists() and not (out / "target.log").stat().st_size:
        shutil.rmtree(out, ignore_errors=True)


def point_latest(out: Path) -> None:
    """Let ``reports/latest`` point at a run below ``reports/runs``."""
    if out.parent != RUNS:
        return
    LATEST.unlink(missing_ok=True)
    LATEST.symlink_to(Path("runs") / out.name)
