"""``soakproof compare``: two stored runs compared, or two commands soaked by turns on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console
from soakproof.commands.pair import soak_both
from soakproof.commands.runoptions import make_options
from soakproof.compare import Comparison, compare_runs
from soakproof.errors import UsageError
from soakproof.report import render_comparison, write_comparison, write_comparison_page
from soakproof.runfile import find_run
from soakproof.samples import Run
from soakproof.thinning import load_thin_run

STORED = 2


def start(base_command: str | None, config: str | None, words: tuple[str, ...], **options: Any) -> None:
    """Check whether NEW keeps more memory per connection than BASE, two stored runs. Exit 1 on a regression.

    With --base-command, soak that command and COMMAND one after the other on this machine, and compare these: nothing
    has to be stored. The options are those of `soakproof run`, for both. Where the two stay undecided, both are soaked
    once more with twice the waves.
    """
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    if base_command is None:
        carry_out(lambda: compare_stored(words, {**given, "config": config}))
    else:
        carry_out(lambda: soak_both(base_command, list(words), given, Path(config) if config else None, tell))


compare = click.Command(
    "compare",
    callback=start,
    help=start.__doc__,
    params=[
        click.Option(
            ["--base-command"], metavar="'COMMAND'", help="soak this against COMMAND, instead of comparing stored runs"
        ),
        *make_options(),
        click.Option(["--config"], metavar="FILE", help="a TOML file of the options"),
        click.Argument(["words"], nargs=-1, type=click.UNPROCESSED, metavar="BASE NEW | -- COMMAND..."),
    ],
)


def compare_stored(words: tuple[str, ...], options: dict[str, Any]) -> int:
    """Compare two stored runs, print the outcome, and put ``comparison.json`` beside the new one.

    Raises:
        UsageError: there are not two runs, or options that only a soak has.
    """
    given = [name for name, value in options.items() if value is not None and value != []]
    if given:
        raise UsageError(f"--{given[0].replace('_', '-')}: stored runs are not soaked again; need --base-command too")
    if len(words) != STORED:
        raise UsageError(f"compare: got {len(words)} runs, need BASE and NEW, or --base-command 'COMMAND' -- COMMAND")
    base, new = map(Path, words)
    return tell(load_thin_run(base), load_thin_run(new), find_run(new).parent).exit_code


def tell(base: Run, new: Run, out: Path) -> Comparison:
    """Compare two runs, print the outcome, and write it beside the new one."""
    comparison = compare_runs(base, new)
    render_comparison(comparison, console)
    write_comparison(comparison, out)
    write_comparison_page(comparison, base, new, out)
    return comparison
