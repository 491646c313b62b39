"""The ``soakproof`` command, of which the others are part."""

from __future__ import annotations

import click

from soakproof import __version__
from soakproof.commands.compare import compare
from soakproof.commands.doctor import doctor
from soakproof.commands.explain import explain
from soakproof.commands.issue import issue
from soakproof.commands.judge import judge
from soakproof.commands.record import record
from soakproof.commands.remedy import remedy
from soakproof.commands.report import report
from soakproof.commands.run import run
from soakproof.commands.trend import trend
from soakproof.commands.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="soakproof")
def app() -> None:
    """Prove that a Socket.IO server's memory stays bounded, or name what leaks."""


for command in (run, verify, remedy, record, judge, report, explain, issue, compare, trend, doctor):
    app.add_command(command)


def main() -> None:
    """Entry point of the ``soakproof`` command."""
    app()
