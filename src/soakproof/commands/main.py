"""The ``soakproof`` command, of which the others are part."""

from __future__ import annotations

from importlib import import_module

import click

from soakproof import __version__

COMMANDS = ("compare", "doctor", "explain", "issue", "judge", "record", "remedy", "report", "run", "trend", "verify")


class Commands(click.Group):
    """The commands, each in the module of its name, which is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None of one that there is not."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"soakproof.commands.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="soakproof")
def app() -> None:
    """Prove that a Socket.IO server's memory stays bounded, or name what leaks."""


def main() -> None:
    """Entry point of the ``soakproof`` command."""
    app()
