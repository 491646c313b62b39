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


def chart_lines(
    sites: Sequence[Site], culprits: Sequence[Site], per: str, most_bytes: float | None = None
) -> Chart | None:
    """Return the chart of growth per line, if the second pass ran; lines that the verdict names are marked.

    ``most_bytes`` is what memory in use can have grown by, where that is proven: what a line allocated beyond that has
    taken the place of what was there before tracing began, as in a ring that is refilled, and is drawn apart.
    """
    shown = sorted(_grown(sites), key=lambda site: -site.per_connection_bytes)[:MOST_ROWS]
    if not shown:
        return None
    guilty = {(site.file, site.line) for site in culprits}

    def draw(figure: Figure, theme: Theme) -> None:
        add_text(figure, LEFT, 6, "Memory kept per line of code", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, _say_what_is_drawn(shown, per, most_bytes), fontsize=SMALL, color=theme.muted)
        axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, ROW * len(shown))
        _draw(axes, shown, guilty, theme, most_bytes)

    described = "; ".join(f"{say_site(site)}: {_say_figures(site, most_bytes)}" for site in shown)
    return Chart("lines", "Memory kept per line of code", described, WIDTH, TOP + ROW * len(shown) + BOTTOM, draw)


def _grown(sites: Sequence[Site]) -> list[Site]:
    return [site for site in sites if site.per_connection_bytes > 0]


def turns_over(site: Site, most_bytes: float | None) -> bool:
    """Whether a line has allocated more than memory can have grown by, so that as much has gone."""
    return most_bytes is not None and site.per_connection_bytes > max(most_bytes, 1.0)


def _say_what_is_drawn(sites: Sequence[Site], per: str, most_bytes: float | None) -> str:
    if most_bytes is not None and any(turns_over(site, most_bytes) for site in sites):
        most = f"memory in use grew by at most {max(most_bytes, 1.0):,.0f} B per {per}"
        return f"allocated over the traced waves and still there, in bytes per {per}; {most}: grey lines only turn over"
    return f"bytes per {per} that stayed over the traced waves; each line allocates them"


def _say_figures(site: Site, most_bytes: float | None) -> str:
    """Return a line's bytes and objects; without the sign of growth where as much has gone."""
    growth = say_growth(site.per_connection_bytes, "bytes")
    count = f" · {site.per_connection:.2f} objects" if site.per_connection else ""
    return f"turns over {growth.lstrip('+')}" if turns_over(site, most_bytes) else f"{growth}{count}"


def _draw(
    axes: Axes, sites: Sequence[Site], guilty: set[tuple[str, int]], theme: Theme, most_bytes: float | None
) -> None:
    axes.set_xlim(0, max(site.per_connection_bytes for site in sites))
    axes.set_ylim(len(sites) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=theme.muted, linewidth=1)
    for row, site in enumerate(sites):
        is_guilty = (site.file, site.line) in guilty
        quiet = theme.faint if turns_over(site, most_bytes) else theme.line
        figures = _say_figures(site, most_bytes)
        _draw_row(axes, row, site, theme.leak if is_guilty else quiet, theme, figures, is_guilty=is_guilty)


def _draw_row(axes: Axes, row: int, site: Site, colour: str, theme: Theme, figures: str, *, is_guilty: bool) -> None:
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
    axes.annotate(
        figures,
        (site.per_connection_bytes, row + 0.2),
        (6, 0),
        textcoords="offset points",
        fontsize=SMALL,
        va="center",
        color=theme.ink,
        annotation_clip=False,
    )
