"""``soakproof verify``: the same soak again, after a mend, and whether the stored run's leak is gone."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click

from soakproof.agent.objects.masking import mask_command
from soakproof.commands.ending import INTERRUPTED, carry_out
from soakproof.commands.output import console, publish
from soakproof.commands.runoptions import make_options
from soakproof.config.repeating import command_of, repeat_config
from soakproof.errors import RunFileError
from soakproof.judge import judge_run
from soakproof.judge.verdict import Verdict
from soakproof.mending import verify_mend
from soakproof.report import FORMATS, render_verification, write_verification
from soakproof.report.live import LiveProgress
from soakproof.run.execute import execute
from soakproof.samples import Run
from soakproof.thinning import load_thin_run
from soakproof.wording.mends import say_verify


def start(run: Path, command: tuple[str, ...], **options: Any) -> None:
    """Soak COMMAND as RUN was soaked, and say whether the leak that RUN found is mended.

    Options that are given stand in the place of RUN's own. Exit code: 0 mended, 1 unchanged, or something else leaks
    now, 2 wrong usage, 3 inconclusive, 4 invalid, 130 interrupted.
    """
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    carry_out(lambda: verify_stored(run, list(command), given))


verify = click.Command(
    "verify",
    callback=start,
    help=start.__doc__,
    params=[
        click.Argument(["run"], type=click.Path(path_type=Path)),
        *make_options(),
        click.Argument(["command"], nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND..."),
    ],
)


def verify_stored(path: Path, command: list[str], options: dict[str, Any]) -> int:
    """Soak again, print and write the reports of the new run and whether it is mended; return the exit code."""
    stored = load_thin_run(path)
    base = judge_run(stored)
    check_repeatable(path, stored, base, command)
    config = repeat_config(stored.header, command, options)
    formats = FORMATS if config.format is None else config.format
    with LiveProgress(console) as narrator:
        outcome = execute(config, narrator)
    publish(outcome.run, outcome.verdict, outcome.out, formats)
    if outcome.is_interrupted:
        return INTERRUPTED
    verification = verify_mend(base, outcome.run)
    render_verification(verification, console)
    write_verification(verification, outcome.out)
    return verification.exit_code


def check_repeatable(path: Path, stored: Run, base: Verdict, command: list[str]) -> None:
    """Refuse what cannot be verified.

    Raises:
        RunFileError: the run found no leak, was of a server that soakproof did not start, or of another one.
    """
    was = command_of(stored.header)
    if base.verdict != "leak":
        raise RunFileError(
            f"{path}: its verdict is {base.verdict}; need a run that found a leak, to see whether it is gone"
        )
    if not was:
        raise RunFileError(
            f"{path}: holds no command, because it was attached to a server that ran; need a run of `soakproof run -- "
            "COMMAND`, or compare two runs (`soakproof compare BASE NEW`)"
        )
    if not command:
        raise RunFileError(f"{path}: got no command; say how the mended server starts: {say_verify(path, was)}")
    if not is_same_server(was, command):
        raise RunFileError(
            f"{path}: is of `{shlex.join(was)}`, got `{shlex.join(command)}`; need the same server, mended: "
            f"{say_verify(path, was)}"
        )


def is_same_server(was: list[str], command: list[str]) -> bool:
    """Whether two commands start the same: by the same words, whichever interpreter or installation is the first.

    Of secrets in them a stored run has no more than that they were there.
    """
    command = mask_command(command)
    return was[1:] == command[1:] and (len(was) > 1 or Path(was[0]).name == Path(command[0]).name)
