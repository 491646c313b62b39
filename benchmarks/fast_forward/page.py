"""The page of the campaign: docs/fast-forward.md, its table made from the data."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fast_forward.cases import Case, all_cases
from benchmarks.fast_forward.soaking import Record
from soakproof.judge import judge_run
from soakproof.report.charts.canvas import to_png
from soakproof.report.charts.emptying import chart_emptying
from soakproof.report.charts.style import DARK, LIGHT
from soakproof.runfile import load_run
from soakproof.wording.numbers import say_age

PAGE = Path("docs/fast-forward.md")
PICTURED = Path("reports/reference/fast-forward/sweeper_task")
PICTURES = Path("docs/pictures")
BEGIN, END = "<!-- campaign -->", "<!-- end of campaign -->"
HEAD = (
    "| server | stays in truth | verdict | bracket | emptied by | right | fast-forward |\n|---|---|---|---|---|---|---|"
)


def write_page(records: list[Record]) -> None:
    """Put the table of all runs in the place of the one that is there."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    write_picture()
    PAGE.write_text(f"{before}{BEGIN}\n\n{make_table(records)}\n\n{END}{after}")


def write_picture() -> None:
    """Draw how the sweeper's table emptied, of the run that is kept, for light and for dark screens."""
    run = load_run(PICTURED)
    chart = chart_emptying(run, judge_run(run))
    assert chart is not None, "the run that is kept has a table that empties"
    for theme, name in ((LIGHT, "light"), (DARK, "dark")):
        (PICTURES / f"{chart.name}-{name}.png").write_bytes(to_png(chart, theme))


def make_table(records: list[Record]) -> str:
    """Return what came of the runs, a line for each case that was run, and how many were right in all."""
    rows = [row for case in all_cases() if (row := _row(case, [each for each in records if each.case == case.name]))]
    right = sum(record.is_right for record in records)
    return f"{right} of {len(records)} runs were right.\n\n" + "\n".join([HEAD, *rows])


def _row(case: Case, records: list[Record]) -> str:
    if not records:
        return ""
    last = records[-1]
    least_s, most_s = case.stay_s
    truth = "for ever" if case.is_leaky else " to ".join(dict.fromkeys((say_age(least_s), say_age(most_s))))
    bracket = f"{say_age(last.after_s)} to {say_age(last.by_s)}" if last.after_s and last.by_s else ""
    who = f"{last.by}, {last.line}" if last.line else last.by
    verdict = f"{last.verdict}: {last.first}" if case.is_leaky else last.verdict
    slowest = max(record.forward_s for record in records)
    right = f"{sum(record.is_right for record in records)} of {len(records)}"
    return f"| {case.name} | {truth} | {verdict} | {bracket} | {who} | {right} | {slowest:.0f} s |"
