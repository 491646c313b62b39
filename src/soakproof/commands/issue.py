"""``soakproof issue``: what a stored run found, as a text for the tracker of whoever can mend it."""

from __future__ import annotations

from pathlib import Path

import click

from soakproof.commands.ending import carry_out
from soakproof.judge import judge_run
from soakproof.report.issue import render_issue
from soakproof.thinning import load_thin_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--app",
    type=click.Path(path_type=Path),
    help="the program that shows it, to be put into the text where it is small",
)
def issue(run: Path, app: Path | None) -> None:
    """Print what a stored run found as Markdown for an issue: no absolute paths, no environment, nothing secret."""
    carry_out(lambda: print_issue(run, app))


def print_issue(path: Path, app: Path | None) -> int:
    """Judge a stored run, and print the text."""
    stored = load_thin_run(path)
    click.echo(render_issue(stored, judge_run(stored), app))
    return 0
