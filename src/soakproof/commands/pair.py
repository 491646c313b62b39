"""Two commands soaked by turns on one machine, so that the machine's own ways are in both."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from soakproof.commands.ending import INTERRUPTED
from soakproof.commands.output import annotate, console
from soakproof.compare import Comparison
from soakproof.config import Config, build_config
from soakproof.errors import InvalidRunError, OutputError, UsageError
from soakproof.report import FORMATS, PRINTED, annotate_comparison, write_reports
from soakproof.report.live import LiveProgress
from soakproof.run.directory import RUNS
from soakproof.run.execute import Outcome, execute
from soakproof.samples import Run
from soakproof.wording.advice import say_headline
from soakproof.wording.reasons import say_verdict_reason

MOST_TURNS = 2
LONGER = 2

Tell = Callable[[Run, Run, Path], Comparison]


def soak_both(
    base_command: str, command: list[str], options: dict[str, Any], config_file: Path | None, tell: Tell
) -> int:
    """Soak both, compare, and where that stays undecided do it once more with more waves; return the exit code.

    Raises:
        UsageError: a command or an option is wrong; nothing was measured.
        InvalidRunError: one of the two could not be soaked.
    """
    if options.get("attach"):
        raise UsageError("--attach with --base-command: both are started here, by turns; leave --attach out")
    config = build_config({**options, "command": command}, config_file)
    base = build_config({**options, "command": split(base_command)}, config_file)
    out = Path(config.out) if config.out else RUNS / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    if (out / "base").exists():
        raise OutputError(
            f"--out {out}: holds a comparison already, and none is ever overwritten; name another directory"
        )
    for turn in range(1, MOST_TURNS + 1):
        place = out if turn == 1 else out / f"turn-{turn}"
        before = _soak("base", msgspec.structs.replace(base, trace="never"), place)
        after = before if before.is_interrupted else _soak("new", config, place)
        if after.is_interrupted:
            return INTERRUPTED
        comparison = tell(before.run, after.run, after.out)
        console.print(f"\nreports: {place}  (open {after.out / 'comparison.html'})", soft_wrap=True)
        if comparison.verdict != "inconclusive" or turn == MOST_TURNS:
            annotate(annotate_comparison(comparison) if "github" in (config.format or ()) else [])
            break
        console.print("undecided: both are soaked again, with twice the waves", soft_wrap=True)
        base, config = (msgspec.structs.replace(each, waves=each.waves * LONGER) for each in (base, config))
    return comparison.exit_code


def split(base_command: str) -> list[str]:
    """Return the words of a command that was given as one.

    Raises:
        UsageError: it has none, or a quotation without an end.
    """
    try:
        words = shlex.split(base_command)
    except ValueError as error:
        raise UsageError(f"--base-command {base_command!r}: {error}; quote it as a shell would") from error
    if not words:
        raise UsageError("--base-command: it is empty; need the command that starts the server as it was")
    return words


def _soak(name: str, config: Config, place: Path) -> Outcome:
    """Soak one of the two, and write its reports.

    Raises:
        InvalidRunError: it did not come up, or what was measured cannot be judged.
    """
    console.print(f"{name}: {shlex.join(config.command)}", soft_wrap=True, markup=False)
    try:
        with LiveProgress(console) as narrator:
            outcome = execute(msgspec.structs.replace(config, out=str(place / name)), narrator)
    except InvalidRunError as error:
        raise InvalidRunError(f"the {name} command: {error}") from error
    formats = FORMATS if config.format is None else config.format
    write_reports(outcome.run, outcome.verdict, outcome.out, [each for each in formats if each not in PRINTED])
    verdict = outcome.verdict
    if verdict.verdict == "invalid" and not outcome.is_interrupted:
        raise InvalidRunError(
            f"the {name} command cannot be judged: {say_verdict_reason(verdict)}; see {outcome.out / 'target.log'}"
        )
    console.print(f"{name}: {verdict.verdict}. {say_headline(outcome.run, verdict)}", soft_wrap=True, markup=False)
    return outcome
