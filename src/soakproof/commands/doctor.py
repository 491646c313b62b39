"""``soakproof doctor``: what this machine can measure."""

from __future__ import annotations

from collections.abc import Iterable

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console
from soakproof.development import examine_development
from soakproof.doctor import CLIENTS_WANTED, Check, examine
from soakproof.errors import InvalidRunError


@click.command()
@click.option("--clients", type=click.IntRange(1), default=CLIENTS_WANTED, show_default=True, help="clients at once")
@click.option("--development", is_flag=True, help="look at what soakproof's own tests need instead")
def doctor(clients: int, *, development: bool) -> None:
    """Say what this machine can and cannot measure, and the command that lifts each limit.

    Exit code: 0 where a soak can be measured, though perhaps with fewer clients; 4 where none can.
    """
    carry_out(lambda: diagnose_machine(examine_development() if development else examine(clients)))


def diagnose_machine(found: Iterable[Check]) -> int:
    """Print every check; return the exit code."""
    checks = list(found)
    for check in checks:
        console.print(check.sentence(), soft_wrap=True, markup=False, highlight=False)
    return InvalidRunError.exit_code if any(check.is_fatal for check in checks) else 0
