"""Where in the repository a leak is, for services that show findings beside the code: paths from its root on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from soakproof.culprits import Site, draw_chain
from soakproof.judge.verdict import Finding, Verdict, is_cause
from soakproof.samples import Run
from soakproof.wording.culprits import main_site, name_culprit
from soakproof.wording.names import say_per
from soakproof.wording.slope import say_slope_interval, say_slope_per


@dataclass(frozen=True)
class Located:
    """A cause of the leak, its line where that is in the repository, and what is to be said of it there."""

    finding: Finding
    title: str
    message: str
    file: str | None
    line: int


def locate_causes(run: Run, verdict: Verdict, directory: Path | None = None) -> Iterator[Located]:
    """Yield the causes of a leak, the likeliest first.

    Args:
        run: The run.
        verdict: What was judged of it.
        directory: Where it was soaked, which paths of lines are relative to; the current one by default.
    """
    for cause in filter(is_cause, verdict.findings):
        site = main_site(cause)
        growth = say_slope_per(cause, say_per(run))
        lines = [f"{name_culprit(cause)} leaks: {growth} {say_slope_interval(cause)}"]
        lines += [f"{site.source.strip()}"] if site and site.source else []
        retainers = cause.culprit.retainers if cause.culprit else []
        lines += ["held by", draw_chain(retainers)] if retainers else []
        file = in_repository(site, directory or Path.cwd()) if site else None
        title = f"{name_culprit(cause)} leaks"
        yield Located(cause, title, "\n".join(lines), file, site.line if site else 0)


def in_repository(site: Site, directory: Path) -> str | None:
    """Return a line's file from the repository's root on; None where it is no file of the repository."""
    root = find_root(directory.resolve())
    try:
        file = (directory / site.file).resolve()
        return file.relative_to(root).as_posix() if file.is_file() and file.is_relative_to(root) else None
    except (OSError, ValueError):  # no path at all: a stored run may say anything
        return None


def find_root(directory: Path) -> Path:
    """Return the root of the repository that a directory is in, the directory itself where it is in none."""
    return next((each for each in (directory, *directory.parents) if (each / ".git").exists()), directory)
