"""``soakproof report``: the reports of a stored run."""

from __future__ import annotations

from pathlib import Path

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import publish
from soakproof.config.optiontext import parse_formats
from soakproof.judge import judge_run
from soakproof.report import FORMATS
from soakproof.runfile import find_run
from soakproof.thinning import load_thin_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "formats", default=",".join(FORMATS), show_default=True, help="which reports to write")
@click.option("--out", type=click.Path(path_type=Path), help="where; default: beside the run")
def report(run: Path, formats: str, out: Path | None) -> None:
    """Write the reports of a stored run."""
    carry_out(lambda: report_again(run, parse_formats(formats), out))


def report_again(path: Path, formats: tuple[str, ...], out: Path | None) -> int:
    """Judge a stored run and write the reports asked for."""
    stored = load_thin_run(path)
    publish(stored, judge_run(stored), out or find_run(path).parent, formats)
    return 0
