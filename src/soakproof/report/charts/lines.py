"""Growth per line of code, as the traced second pass saw it: horizontal bars, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from soakproof.culprits import Site
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.style import SMALL, Theme
from soakproof.wording.culprits import say_site
from soakproof.wording.numbers import elide, say_growth

WIDTH = 1000
LEFT, RIGHT, TOP, BOTTOM = 16, 150, 58, 14
ROW = 42
MOST_ROWS = 12
LABEL_CHARACTERS = 110
SHARE_OF_ROW = 0.36


def chart_lines(sites: Sequence[Site], culprits: Sequence[Site], per: str) -> Chart | None:
    """Return the chart of growth per line, if the second pass ran; lines that the verdict names are marked."""
    shown = sorted(_grown(sites), key=lambda site: -site.per_connection_bytes)[:MOST_ROWS]
    if not shown:
        return None
    guilty = {(site.file, site.line) for site in culprits}

    def draw(figure: Figure, theme: Theme) -> None:
        add_text(figure, LEFT, 6, "Memory kept per line of code", fontsize=13, fontweight="bold")
        subtitle = f"bytes per {per} that stayed over the traced waves; each line allocates them"
        add_text(figure, LEFT, 25, subtitle, fontsize=SMALL, color=theme.muted)
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, ROW * len(shown))
        _draw(axes, shown, guilty, theme)

    described = "; ".join(f"{say_site(site)}: {say_growth(site.per_connection_bytes, 'bytes')}" for site in shown)
    return Chart("lines", "Memory kept per line of code", described, WIDTH, TOP + ROW * len(shown) + BOTTOM, draw)


def _grown(sites: Sequence[Site]) -> list[Site]:
    return [site for site in sites if site.per_connection_bytes > 0]


def _draw(axes: Axes, sites: Sequence[Site], guilty: set[tuple[str, int]], theme: Theme) -> None:
    axes.set_xlim(0, max(site.per_connection_bytes for site in sites))
    axes.set_ylim(len(sites) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=theme.muted, linewidth=1)
    for row, site in enumerate(sites):
        is_guilty = (site.file, site.line) in guilty
        _draw_row(axes, row, site, theme.leak if is_guilty else theme.line, theme, is_guilty=is_guilty)


def _draw_row(axes: Axes, row: int, site: Site, colour: str, theme: Theme, *, is_guilty: bool) -> None:
    label = f"{'▲ ' if is_guilty else ''}{elide(say_site(site), LABEL_CHARACTERS)}"
    axes.barh(row + 0.2, site.per_connection_bytes, SHARE_OF_ROW, color=colour, zorder=3)
    axes.annotate(
        label,
        (0, row),
        (4, 2),
        textcoords="offset points",
        fontsize=SMALL,
        va="bottom",
        color=colour if is_guilty else theme.ink,
    )
    count = f" · {site.per_connection:.2f} objects" if site.per_connection else ""
    axes.annotate(
        f"{say_growth(site.per_connection_bytes, 'bytes')}{count}",
        (site.per_connection_bytes, row + 0.2),
        (6, 0),
        textcoords="offset points",
        fontsize=SMALL,
        va="center",
        color=theme.ink,
        annotation_clip=False,
    )
