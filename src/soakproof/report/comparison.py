"""Two runs against each other: in the terminal, as ``comparison.json``, and as a CI step summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from soakproof.compare import Change, Comparison
from soakproof.culprits import Site
from soakproof.errors import OutputError
from soakproof.report.files import write_file
from soakproof.report.markdown import code, escape
from soakproof.report.marks import MARKS
from soakproof.report.terminal import print_blocks
from soakproof.wording.changes import HEADLINES, say_change, say_comparison_reason, say_peak, say_worse
from soakproof.wording.culprits import say_site
from soakproof.wording.names import name_metric_in_full
from soakproof.wording.numbers import elide, say_growth, say_interval
from soakproof.wording.view import view_comparison
from soakproof.wording.warned import say_warning

MOST_ROWS = 12
NAME_WIDTH = 48
INDENT = (0, 0, 0, 2)


def render_comparison(comparison: Comparison, console: Console) -> None:
    """Print the comparison: the verdict, the changes that matter, the lines to look at, the peak.

    Args:
        comparison: What `soakproof.compare.compare_runs` returned.
        console: Where to; one that knows ASCII alone gets ASCII.
    """
    print_blocks(lambda _width: _blocks(comparison), console)


def write_comparison(comparison: Comparison, out: Path) -> list[Path]:
    """Write ``comparison.json`` and ``comparison.md``.

    Args:
        comparison: What `soakproof.compare.compare_runs` returned.
        out: A directory that exists.

    Returns:
        The two files.

    Raises:
        OutputError: A file cannot be written.
    """
    document = msgspec.json.encode(view_comparison(comparison))
    content = {
        out / "comparison.json": msgspec.json.format(document, indent=2) + b"\n",
        out / "comparison.md": render_comparison_markdown(comparison).encode(),
    }
    try:
        for file, text in content.items():
            write_file(file, text)
    except OSError as error:
        need = "need a directory that can be written, with room in it"
        raise OutputError(f"{error.filename or out}: {error.strerror}; {need}") from error
    return list(content)


def _blocks(comparison: Comparison) -> Iterator[RenderableType]:
    mark = MARKS[as_run_verdict(comparison.verdict)]
    text = Text(f"{mark.glyph} {comparison.verdict.upper()}", style=mark.style)
    text.append(f"  {HEADLINES[comparison.verdict]}", style="bold not dim default")
    worse = f"\n  {worse}" if (worse := say_worse(comparison)) else ""
    text.append(
        f"{worse}\n  {say_comparison_reason(comparison)}\n  exit code {comparison.exit_code}", style="not bold default"
    )
    yield text
    shown = choose(comparison.changes)
    if shown:
        yield Padding(_table(shown), INDENT, expand=False)
    if len(comparison.changes) > len(shown):
        yield Text(f"  {len(comparison.changes) - len(shown):,} more in comparison.json, all bounded", style="dim")
    for change in shown:
        if (site := main_site(change)) is not None:
            yield Text(f"  {change.name}: {say_site(site)}\n      {site.source.strip()}")
    yield Text(f"  {say_peak(comparison)}", style="dim")
    if comparison.warnings:
        yield Text("\n".join(f"  warning: {say_warning(warning)}" for warning in comparison.warnings), style="yellow")


def choose(changes: Sequence[Change]) -> list[Change]:
    """Return the changes to show: all that are not bounded, then registries, as far as there is room."""
    by_interest = sorted(changes, key=lambda change: (change.verdict == "bounded", change.kind != "registry"))
    is_open = sum(change.verdict != "bounded" for change in changes)
    return by_interest[: max(is_open, MOST_ROWS)]


def main_site(change: Change) -> Site | None:
    """Return the line to look at first, where it is known, of a change that decides."""
    return next(iter(change.culprit.sites), None) if change.culprit and change.is_deciding else None


def as_run_verdict(verdict: str) -> str:
    """Return the verdict of a run that has the same mark."""
    return "leak" if verdict == "regression" else verdict


def _table(changes: Sequence[Change]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("per connection", no_wrap=True)
    for heading in ("base", "new", "difference", "interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for change in changes:
        mark = MARKS[as_run_verdict(change.verdict)]
        style = mark.style if change.is_deciding else "dim"
        verdict = Text(f"{mark.glyph} {say_change(change)}", style=style)
        table.add_row(elide(name_metric_in_full(change.metric), NAME_WIDTH), *cells(change), verdict)
    return table


def cells(change: Change) -> Iterator[str]:
    """Yield a change's numbers: in the base, in the new run, their difference and its interval."""
    yield say_growth(change.base_per_connection, change.unit)
    yield say_growth(change.new_per_connection, change.unit)
    yield say_growth(change.difference, change.unit)
    yield say_interval(change.ci, change.unit)


def render_comparison_markdown(comparison: Comparison) -> str:
    """Return the comparison as a CI step summary."""
    mark = MARKS[as_run_verdict(comparison.verdict)].emoji
    shown = choose(comparison.changes)
    blocks = [
        f"## {mark} {comparison.verdict}: {escape(HEADLINES[comparison.verdict])}",
        *([f"**{escape(worse)}**"] if (worse := say_worse(comparison)) else []),
        f"{escape(say_comparison_reason(comparison))} (exit code {comparison.exit_code})",
        "\n".join(
            [
                "| metric | base | new | difference | interval | verdict |",
                "|---|--:|--:|--:|--:|---|",
                *(f"| {' | '.join(_markdown_row(change))} |" for change in shown),
            ]
        ),
        *(f"{code(change.name)}: {code(say_site(site))}" for change in shown if (site := main_site(change))),
        escape(say_peak(comparison)) + ".",
    ]
    return "\n\n".join(blocks) + "\n"


def _markdown_row(change: Change) -> Iterator[str]:
    yield code(name_metric_in_full(change.metric))
    yield from (escape(cell) for cell in cells(change))
    mark = MARKS[as_run_verdict(change.verdict)].emoji if change.is_deciding else ""
    yield f"{mark} {say_change(change)}".strip()
