"""The command line: the only place that prints and exits. Its options of ``run`` are made from `Config`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import inspect
from rich.console import Console

from soakproof import __version__
from soakproof.compare import compare_runs
from soakproof.config import Config, build_config
from soakproof.development import examine_development
from soakproof.doctor import CLIENTS_WANTED, Check, examine
from soakproof.errors import ConfigError, InvalidRunError, SoakproofError
from soakproof.judge import judge_run
from soakproof.judge.verdict import Verdict
from soakproof.measure.harness import DIRECTORY
from soakproof.report import FORMATS, render_comparison, render_text, write_comparison, write_reports
from soakproof.report.live import LiveProgress
from soakproof.run import execute
from soakproof.runfile import find_run
from soakproof.samples import Rules, Run
from soakproof.stopping import ENDING, interrupt
from soakproof.thinning import load_thin_run

INTERRUPTED = 130
SHORT = {"locustfile": "-f"}
METAVARS = {
    "attach": "SOCKET",
    "load": "COMMAND",
    "locustfile": "FILE",
    "out": "DIR",
    "note": "TEXT",
    "auth": "JSON",
    "join": "EVENT[=JSON]",
    "query": "NAME=VALUE",
    "header": "'NAME: VALUE'",
    "ca": "FILE",
    "cert": "FILE",
}

LOG_WIDTH = 120
console = Console(width=None if sys.stdout.isatty() else LOG_WIDTH)
errors = Console(stderr=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="soakproof")
def app() -> None:
    """Prove that a Socket.IO server's memory stays bounded, or name what leaks."""


def make_options() -> list[click.Option]:
    """Make the options of ``run`` from the fields of `Config`; all default to None, which means: not given."""
    fields = inspect.type_info(Config).fields  # type: ignore[attr-defined]  # a Struct's info has fields
    return [option for field in fields if (option := to_option(field)) is not None]


def to_option(field: inspect.Field) -> click.Option | None:
    """Make one option, or None for what only a file can say."""
    if not isinstance(field.type, inspect.Metadata):
        return None
    description = (field.type.extra_json_schema or {})["description"]
    if isinstance(field.default, (str, int, float)) and not isinstance(field.default, bool):
        description = f"{description}  [{field.default}]"
    names = [f"--{field.name.replace('_', '-')}", field.name]
    if field.name in SHORT:
        names.insert(0, SHORT[field.name])
    return click.Option(names, help=description, metavar=METAVARS.get(field.name), **to_click_type(field.type.type))


CLICK_TYPES: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"is_flag": True, "default": None},
    inspect.IntType: {"type": int},
    inspect.FloatType: {"type": float},
    inspect.ListType: {"multiple": True},
    inspect.StrType: {"type": str},
}


def to_click_type(kind: inspect.Type) -> dict[str, Any]:
    """Return what click needs to know to parse a value of that type."""
    if isinstance(kind, inspect.UnionType):
        return to_click_type(next(member for member in kind.types if not isinstance(member, inspect.NoneType)))
    if isinstance(kind, inspect.LiteralType):
        return {"type": click.Choice([str(value) for value in kind.values])}
    return CLICK_TYPES[type(kind)]


def run_command(config: str | None, command: tuple[str, ...], **options: Any) -> None:
    """Start COMMAND as the target, soak it, judge it, write the reports.

    Exit code: 0 bounded, 1 leak, 2 wrong usage, 3 inconclusive, 4 invalid, 130 interrupted.
    """
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
    carry_out(lambda: soak(build_config({**given, "command": list(command)}, Path(config) if config else None)))


app.add_command(
    click.Command(
        "run",
        callback=run_command,
        help=run_command.__doc__,
        params=[
            *make_options(),
            click.Option(["--config"], metavar="FILE", help="a TOML file of these options"),
            click.Argument(["command"], nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND..."),
        ],
    )
)


def soak(config: Config) -> int:
    """Soak, print the verdict, write the reports; return the exit code."""
    formats = parse_formats(config.format) if config.format is not None else FORMATS
    with LiveProgress(console, config.waves + config.warmup) as narrator:
        outcome = execute(config, narrator)
    publish(outcome.run, outcome.verdict, outcome.out, formats)
    if config.own_memory:
        console.print("\nsoakproof itself, at the same rest points:")
        report_again(outcome.out / DIRECTORY, ",".join(formats), None)
    return INTERRUPTED if outcome.is_interrupted else outcome.verdict.exit_code


def publish(run: Run, verdict: Verdict, out: Path, formats: tuple[str, ...] = FORMATS) -> None:
    """Print the verdict, which no full disk can keep from the user, and write the reports."""
    if "text" in formats:
        render_text(run, verdict, console)
    written = write_reports(run, verdict, out, [name for name in formats if name != "text"])
    console.print(
        f"\nreports: {out}" + (f"  (open {out / 'report.html'})" if "html" in formats else ""), soft_wrap=True
    )
    assert written or formats == ("text",)


@app.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--fail-on", type=click.Choice(["leak", "inconclusive"]), help="what makes a build red")
@click.option(
    "--margin", "margins", multiple=True, metavar="NAME=VALUE", help="entries, objects, heap_bytes, process_bytes"
)
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


@app.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "formats", default=",".join(FORMATS), show_default=True, help="which reports to write")
@click.option("--out", type=click.Path(path_type=Path), help="where; default: beside the run")
def report(run: Path, formats: str, out: Path | None) -> None:
    """Write the reports of a stored run."""
    carry_out(lambda: report_again(run, formats, out))


def report_again(path: Path, formats: str, out: Path | None) -> int:
    """Judge a stored run and write the reports asked for."""
    names = parse_formats(formats)
    stored = load_thin_run(path)
    publish(stored, judge_run(stored), out or find_run(path).parent, names)
    return 0


def parse_formats(formats: str) -> tuple[str, ...]:
    """Return the names of the reports asked for.

    Raises:
        ConfigError: there are none, or one that does not exist.
    """
    names = tuple(name.strip() for name in formats.split(",") if name.strip())
    unknown = set(names) - set(FORMATS)
    if unknown or not names:
        raise ConfigError(
            f"--format {formats}: unknown {', '.join(sorted(unknown)) or 'nothing'}; need {', '.join(FORMATS)}"
        )
    return names


@app.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def compare(base: Path, new: Path) -> None:
    """Check whether NEW keeps more memory per connection than BASE. Exit 1 on a regression."""
    carry_out(lambda: compare_stored(base, new))


def compare_stored(base: Path, new: Path) -> int:
    """Compare two stored runs, print the outcome, and put ``comparison.json`` beside the new one."""
    comparison = compare_runs(load_thin_run(base), load_thin_run(new))
    render_comparison(comparison, console)
    write_comparison(comparison, find_run(new).parent)
    return comparison.exit_code


@app.command()
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


def carry_out(command: Callable[[], int]) -> None:
    """Run a command and exit with its code; a user's mistake becomes one sentence."""
    for number in ENDING:
        signal.signal(number, interrupt)
    try:
        code = command()
    except SoakproofError as error:
        errors.print(f"soakproof: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        code = error.exit_code
    except KeyboardInterrupt:
        errors.print("soakproof: interrupted before anything was measured", style="red")
        code = INTERRUPTED
    sys.exit(code)


def main() -> None:
    """Entry point of the ``soakproof`` command."""
    app()
