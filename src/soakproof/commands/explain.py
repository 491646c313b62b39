"""``soakproof explain``: a stored run, or one finding of it, told in full: for a person, or for a program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from soakproof.commands.ending import carry_out
from soakproof.commands.output import console
from soakproof.judge import judge_run
from soakproof.report.explanation import explain_finding, explain_run, find_finding, render_explanation
from soakproof.thinning import load_thin_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("finding", required=False)
@click.option("--json", "as_json", is_flag=True, help="print JSON, and nothing else")
def explain(run: Path, finding: str | None, *, as_json: bool) -> None:
    """Tell what a stored run found, or all that is known of one FINDING: a metric, or a part of its name."""
    carry_out(lambda: explain_stored(run, finding, as_json=as_json))


def explain_stored(path: Path, name: str | None, *, as_json: bool) -> int:
    """Judge a stored run and print what is asked for."""
    stored = load_thin_run(path)
    verdict = judge_run(stored)
    document: dict[str, Any]
    document = explain_finding(stored, verdict, find_finding(verdict, name)) if name else explain_run(stored, verdict)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
    else:
        render_explanation(document, console)
    return 0
