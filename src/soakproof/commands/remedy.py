"""``soakproof remedy``: the same soak under the settings of the allocator that could help, and which does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from soakproof.commands.ending import INTERRUPTED, carry_out
from soakproof.commands.output import console, errors
from soakproof.commands.verify import is_same_server
from soakproof.config import Config
from soakproof.config.repeating import command_of, repeat_config
from soakproof.errors import ConfigError, InvalidRunError, RunFileError
from soakproof.judge import judge_run
from soakproof.report.live import LiveProgress
from soakproof.report.trials import render_remedy, write_remedy
from soakproof.run.execute import execute
from soakproof.samples import Run
from soakproof.target.allocators import INSTALL_JEMALLOC, find_jemalloc, find_settings
from soakproof.thinning import load_thin_run
from soakproof.trials import Setting, Trial, measure, weigh
from soakproof.wording.account import say_account

ROUNDS = 3


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="a new directory for the runs and the table"
)
@click.option("--rounds", type=click.IntRange(1, 100), default=ROUNDS, show_default=True, help="soaks of each setting")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
def remedy(run: Path, out: Path, rounds: int, command: tuple[str, ...]) -> None:
    """Soak COMMAND as RUN was, under the settings of malloc that could help, by turns, and say which to take.

    RUN is one of which the allocator holds free most of what RSS rose by. Free memory is not given back meanwhile, as
    in production. Exit code: 0 measured, 2 wrong usage, 4 a soak was invalid, 130 interrupted.
    """
    carry_out(lambda: try_settings(run, out, rounds, list(command)))


def try_settings(path: Path, out: Path, rounds: int, command: list[str]) -> int:
    """Soak under each setting by turns; print and write what came out."""
    stored = load_thin_run(path)
    check_remediable(path, stored, command)
    config = repeat_config(stored.header, command, {})
    if out.exists():
        raise ConfigError(f"--out {out}: is there already, and nothing is overwritten; name another directory")
    settings = find_settings()
    if find_jemalloc() is None:
        errors.print(f"soakproof: {INSTALL_JEMALLOC}", style="yellow")
    out.mkdir(parents=True)
    trials: list[Trial] = []
    for number, setting in turns(settings, rounds):
        name = f"{number}-{'-'.join(setting.name.replace('=', '-').split())}"
        console.print(f"soakproof: round {number} of {rounds}, {setting.name} ...", style="bold", highlight=False)
        with LiveProgress(console) as narrator:
            outcome = execute(under(config, setting, out / name), narrator)
        if outcome.is_interrupted:
            return INTERRUPTED
        if outcome.verdict.verdict == "invalid":
            raise InvalidRunError(f"{outcome.out}: this soak is invalid, so nothing can be compared; see its report")
        trials.append(measure(setting.name, number, outcome.run))
    found = weigh(settings, trials)
    render_remedy(found, console)
    write_remedy(found, out)
    return 0


def turns(settings: list[Setting], rounds: int) -> Iterator[tuple[int, Setting]]:
    """Yield each setting once a round, and the number of the round; each round begins with another one."""
    for number in range(1, rounds + 1):
        first = (number - 1) % len(settings)
        yield from ((number, setting) for setting in [*settings[first:], *settings[:first]])


def under(config: Config, setting: Setting, out: Path) -> Config:
    """Return the options of a soak under a setting: malloc keeps what it holds, and nothing is traced."""
    variables = [f"{name}={value}" for name, value in setting.variables.items()]
    command = ["env", *variables, *config.command] if variables else config.command
    changes: dict[str, Any] = {"out": str(out), "no_trim": True, "command": command}
    changes |= {"trace": "never", "drain": 0.0, "max_waves": config.waves}  # whether it leaks is not asked here
    return msgspec.structs.replace(config, **changes)


def check_remediable(path: Path, stored: Run, command: list[str]) -> None:
    """Refuse a run that names nothing to remedy, and a command that is another server's.

    Raises:
        RunFileError: which, and what is needed.
    """
    account = judge_run(stored).account
    if account is None:
        raise RunFileError(f"{path}: says nothing of where its memory lay; need a run of this version: soak again")
    if account.keeper == "collector":
        raise RunFileError(
            f"{path}: {say_account(account)}. No setting of the allocator moves that: call gc.collect() now and "
            "then, or lower what was set by gc.set_threshold"
        )
    if account.keeper is None:
        raise RunFileError(
            f"{path}: {say_account(account)}. Need a run of which the allocator holds free most of what RSS rose by; "
            "there is nothing to remedy here"
        )
    was = command_of(stored.header)
    if not was:
        raise RunFileError(
            f"{path}: holds no command, because it was attached to a server that ran; need a run of `soakproof run -- "
            "COMMAND`, since malloc takes its settings when a process starts"
        )
    if not command or not is_same_server(was, command):
        raise RunFileError(
            f"{path}: got {' '.join(command) or 'no command'}; need the server it is of: -- {' '.join(was)}"
        )
