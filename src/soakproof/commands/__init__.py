"""The command line: one file per command. Nothing else in soakproof prints or exits."""

from soakproof.commands.main import app, main

__all__ = ["app", "main"]
