"""``soakproof run``: soak a server, judge it, write the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from soakproof.commands.ending import INTERRUPTED, carry_out
from soakproof.commands.output import console, publish
from soakproof.commands.report import report_again
from soakproof.commands.runoptions import make_options
from soakproof.config import Config, build_config
from soakproof.measure.harness import DIRECTORY
from soakproof.report import FORMATS
from soakproof.report.live import LiveProgress
from soakproof.run.execute import execute


def start(config: str | None, command: tuple[str, ...], **options: Any) -> None:
    """Start COMMAND as the target, soak it, judge it, write the reports.

    Exit code: 0 bounded, 1 leak, 2 wrong usage, 3 inconclusive, 4 invalid, 130 interrupted.
    """
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    carry_out(lambda: soak(build_config({**given, "command": list(command)}, Path(config) if config else None)))


run = click.Command(
    "run",
    callback=start,
    help=start.__doc__,
    params=[
        *make_options(),
        click.Option(["--config"], metavar="FILE", help="a TOML file of these options"),
        click.Argument(["command"], nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND..."),
    ],
)


def soak(config: Config) -> int:
    """Soak, print the verdict, write the reports; return the exit code."""
    formats = FORMATS if config.format is None else config.format
    with LiveProgress(console) as narrator:
        outcome = execute(config, narrator)
    publish(outcome.run, outcome.verdict, outcome.out, formats)
    if config.own_memory:
        console.print("\nsoakproof itself, at the same rest points:")
        report_again(outcome.out / DIRECTORY, formats, None)
    return INTERRUPTED if outcome.is_interrupted else outcome.verdict.exit_code
