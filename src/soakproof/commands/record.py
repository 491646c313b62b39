"""``soakproof record``: write the Locust file of what a real client does."""

from __future__ import annotations

from pathlib import Path

import click

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console
from soakproof.record.recorder import Request
from soakproof.record.recorder import record as record_client
from soakproof.record.script import Script

PORT = 8090
LONGEST_WAIT_S = 2.0
READY_S = 30.0


@click.command()
@click.option("--url", help="where the server listens; {port} in URL and COMMAND becomes a free port")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("locustfile.py"), show_default=True)
@click.option("--force", is_flag=True, help="overwrite the file if it is there")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="the recorder's; 0: any")
@click.option(
    "--longest-wait", type=click.FloatRange(0), default=LONGEST_WAIT_S, show_default=True,
    help="seconds; a person's longer pauses are cut to this",
)  # fmt: skip
@click.option(
    "--ready-timeout", type=click.FloatRange(0), default=READY_S, show_default=True, help="of COMMAND, seconds"
)
@click.option("--ca", metavar="FILE", help="PEM file of the authority that signed an https:// server's certificate")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
def record(
    url: str | None, output: Path, port: int, longest_wait: float, ready_timeout: float, ca: str | None,
    command: tuple[str, ...], *, force: bool,
) -> None:  # fmt: skip
    """Stand between a real client and the server, and write the Locust file of what passes.

    COMMAND starts the server, as in `run`; without it, --url says where it listens. Open the recorder's URL in a
    browser, use the application, close the tab, press Ctrl-C. Look through the file, then soak with `run -f FILE`.

    Exit code: 0 written, 2 wrong usage, 4 where the server is not there or no socket was opened.
    """
    where = url or ("http://127.0.0.1:{port}" if command else "http://127.0.0.1:8000")
    carry_out(lambda: write(Request(where, list(command), port, output, longest_wait, ready_timeout, ca, force)))


def write(request: Request) -> int:
    """Record, write the file, say what is in it."""
    tell(record_client(request, announce), request)
    return 0


def announce(recorder: str, server: str) -> None:
    """Say that it can begin."""
    say(f"recording {server}: open {recorder}/ in a browser (or connect your client there), use the application,")
    say("close the tab, then press Ctrl-C here")


def tell(script: Script, request: Request) -> None:
    """Say what was written, and what to do with it."""
    users = len(script.visits)
    say(f"\n{request.output}: {users} user{'s' if users > 1 else ''}; look through it, then soak:")
    for name in script.variables:
        say(f"    export {name}=...   # a secret, which does not stand in the file")
    say(f"    {script.command}")
    for what in script.unlifted:
        say(f"not taken anew by each client, no pattern finds it alone: {what}")


def say(line: str) -> None:
    """Print a line as it is, at once: a script may be waiting for it."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)
