"""``soakproof compare``: two stored runs compared."""

from __future__ import annotations

from pathlib import Path

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console
from soakproof.compare import compare_runs
from soakproof.report import render_comparison, write_comparison
from soakproof.runfile import find_run
from soakproof.thinning import load_thin_run


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def compare(base: Path, new: Path) -> None:
    """Check whether NEW keeps more memory per connection than BASE. Exit 1 on a regression."""
    carry_out(lambda: compare_stored(base, new))


def compare_stored(base: Path, new: Path) -> int:
    """Compare two stored runs, print the outcome, and put ``comparison.json`` beside the new one."""
    comparison = compare_runs(load_thin_run(base), load_thin_run(new))
    render_comparison(comparison, console)
    write_comparison(comparison, find_run(new).parent)
    return comparison.exit_code
