"""``soakproof trend``: a history of stored runs, and the commits at which it changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console, errors
from soakproof.errors import RunFileError
from soakproof.report.trend import render_trend, write_trend
from soakproof.runfile import PACKED, find_run
from soakproof.samples import Run
from soakproof.thinning import load_thin_run
from soakproof.trend import make_trend

NAMES = ("run.jsonl", f"run.jsonl{PACKED}")


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR|RUN...")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports/trend"), show_default=True, help="where to"
)
def trend(runs: tuple[Path, ...], out: Path) -> None:
    """Show how growth per connection went from run to run, and which commits changed it.

    A directory stands for all runs below it. Writes trend.html and trend.csv.
    """
    carry_out(lambda: show_trend(runs, out))


def show_trend(paths: tuple[Path, ...], out: Path) -> int:
    """Read the runs, naming those that cannot be read; print and write their history.

    Raises:
        RunFileError: there is no run that can be read.
    """
    found = [run for path in paths for run in find_runs(path)]
    loaded = list(_load(found))
    if not loaded:
        where = ", ".join(map(str, paths))
        raise RunFileError(
            f"{where}: holds no run that can be read; need directories of `soakproof run`, or above them"
        )
    history = make_trend(loaded)
    render_trend(history, console)
    written = write_trend(history, out)
    console.print(f"\ntrend: {out}  (open {written[-1]})", soft_wrap=True)
    return 0


def find_runs(path: Path) -> list[Path]:
    """Return the files of all runs below a directory, or that of the one run that a path names.

    Raises:
        RunFileError: there is nothing there.
    """
    if path.is_dir():
        return sorted(file for name in NAMES for file in path.rglob(name) if file.parent.name != "harness")
    return [find_run(path)]


def _load(files: list[Path]) -> Iterator[tuple[str, Run]]:
    for file in files:
        try:
            yield file.parent.name, load_thin_run(file)
        except RunFileError as error:
            errors.print(f"left out: {error}", style="yellow", markup=False, highlight=False, soft_wrap=True)
