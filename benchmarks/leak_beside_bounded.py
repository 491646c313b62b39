"""Draws README's chart: a registry of the reference server, bounded, beside the same with its cleanup turned off.

Both are runs in the repository, of `make memcheck`'s plan; the second has ``--plant document-locks`` after its command.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from soakproof.judge import judge_run
from soakproof.judge.verdict import Finding
from soakproof.report.charts.canvas import Chart, add_axes, add_text, to_png
from soakproof.report.charts.registry import draw_over_time
from soakproof.report.charts.style import DARK, LARGE, LIGHT, Theme
from soakproof.report.charts.timeline import Timeline
from soakproof.runfile import load_run

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "pictures"
RUNS = {"bounded": ROOT / "reports/baselines/reference-server", "leak": ROOT / "reports/reference/document-locks"}
TITLES = {"bounded": "document locks held: bounded", "leak": "the same, one cleanup turned off: leak"}
METRIC = "registry:server.locks.DocumentLocks.document_locks"
WIDTH, HEIGHT = 960, 320
PANEL_WIDTH, PANEL_HEIGHT = 400, 210


@dataclass(frozen=True)
class Panel:
    """What one half of the picture shows: its title, the judged registry, and when it was read."""

    title: str
    finding: Finding
    timeline: Timeline


def read_panel(name: str) -> Panel:
    """Judge a stored run and pick the registry out of it."""
    run = load_run(RUNS[name])
    finding = next(each for each in judge_run(run).findings if each.metric == METRIC)
    return Panel(TITLES[name], finding, Timeline(run))


def draw(panels: list[Panel], figure: Figure, theme: Theme) -> None:
    """Draw the panels side by side."""
    for number, panel in enumerate(panels):
        left = 55 + number * (WIDTH / 2)
        add_text(figure, left, 14, panel.title, fontsize=LARGE, fontweight="bold", color=theme.ink)
        axes = add_axes(figure, left, 58, PANEL_WIDTH, PANEL_HEIGHT)
        draw_over_time(axes, panel.finding, panel.timeline, theme)


def main() -> None:
    """Write the picture for light and for dark screens."""
    panels = [read_panel(name) for name in RUNS]
    chart = Chart("leak-beside-bounded", "", "", WIDTH, HEIGHT, partial(draw, panels))
    OUT.mkdir(exist_ok=True)
    for theme, name in ((LIGHT, "light"), (DARK, "dark")):
        (OUT / f"{chart.name}-{name}.png").write_bytes(to_png(chart, theme))


if __name__ == "__main__":
    main()
