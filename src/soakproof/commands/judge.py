"""``soakproof judge``: a stored run judged again."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
import msgspec

from soakproof.commands.ending import carry_out
from soakproof.commands.output import publish
from soakproof.errors import ConfigError
from soakproof.judge import judge_run
from soakproof.plans import FailOn, Margins, Rules
from soakproof.runfile import find_run
from soakproof.thinning import load_thin_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="what makes a build red")
@click.option("--margin", "margins", multiple=True, metavar="NAME=VALUE", help=", ".join(Margins.__struct_fields__))
@click.option(
    "--at-rate", type=click.FloatRange(min=0, min_open=True), help="connections per second to extrapolate a leak to"
)
def judge(run: Path, fail_on: str | None, margins: tuple[str, ...], at_rate: float | None) -> None:
    """Judge a stored run again, with other thresholds or by this version."""
    carry_out(lambda: judge_again(run, fail_on, margins, at_rate))


def judge_again(path: Path, fail_on: str | None, margins: tuple[str, ...], at_rate: float | None) -> int:
    """Judge a stored run, print the verdict, and put the new ``verdict.json`` beside it."""
    stored = load_thin_run(path)
    rules = change_rules(stored.header.rules, fail_on, margins)
    verdict = judge_run(stored, msgspec.structs.replace(rules, at_rate=at_rate or rules.at_rate))
    publish(stored, verdict, find_run(path).parent, ("text", "json"))
    return verdict.exit_code


def change_rules(rules: Rules, fail_on: str | None, margins: tuple[str, ...]) -> Rules:
    """Return the rules with other thresholds."""
    changes = dict(margin.partition("=")[::2] for margin in margins)
    try:
        wanted = {**msgspec.to_builtins(rules.margins), **changes}
        unknown = set(changes) - set(msgspec.to_builtins(rules.margins))
        if unknown:
            raise ConfigError(f"--margin {unknown.pop()}: need one of {', '.join(rules.margins.__struct_fields__)}")
        changed = msgspec.structs.replace(rules, margins=msgspec.convert(wanted, type(rules.margins), strict=False))
    except msgspec.ValidationError as error:
        raise ConfigError(f"--margin {' '.join(margins)}: {error}; need NAME=NUMBER") from error
    return msgspec.structs.replace(changed, fail_on=fail_on) if fail_on else changed
