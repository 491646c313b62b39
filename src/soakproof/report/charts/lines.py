"""Growth per line of code, as the traced second pass saw it: horizontal bars, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from soakproof.culprits import Site
from soakproof.report.charts.canvas import Chart, add_axes, add_text
from soakproof.report.charts.style import SMALL, Theme
from soakproof.wording.culprits import say_site
from soakproof.wording.numbers import elide, say_bytes, say_growth

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 1000
LEFT, RIGHT, TOP, BOTTOM = 16, 150, 58, 14
ROW = 42
MOST_ROWS = 12
LABEL_CHARACTERS = 110
SHARE_OF_ROW = 0.36
MOST_PASSING = 5
FOOT_ROW = 17
NAME_CHARACTERS = 90


def chart_lines(
    sites: Sequence[Site], culprits: Sequence[Site], per: str, most_bytes: float | None = None
) -> Chart | None:
    """Return the chart of growth per line, if the second pass ran; lines that the verdict names are marked.

    ``most_bytes`` is what memory in use can have grown by, where that is proven: what a line allocated beyond that took
    the place of what was there before tracing began, as in a ring that is refilled. Such a line is not drawn, but named
    below.
    """
    grown = sorted(_grown(sites), key=lambda site: -site.per_connection_bytes)
    shown = [site for site in grown if not turns_over(site, most_bytes)][:MOST_ROWS]
    passing = [site for site in grown if turns_over(site, most_bytes)]
    if not grown:
        return None
    guilty = {(site.file, site.line) for site in culprits}
    foot = _say_passing(passing, per)
    bottom = TOP + ROW * len(shown)

    def draw(figure: Figure, theme: Theme) -> None:
        add_text(figure, LEFT, 6, "Memory kept per line of code", fontsize=13, fontweight="bold")
        add_text(figure, LEFT, 25, say_what_stays(shown, per, most_bytes), fontsize=SMALL, color=theme.muted)
        if shown:
            axes = add_axes(figure, LEFT, TOP, WIDTH - LEFT - RIGHT, ROW * len(shown))
            _draw(axes, shown, guilty, theme)
        for row, text in enumerate(foot):
            add_text(figure, LEFT, bottom + 6 + row * FOOT_ROW, text, fontsize=SMALL, color=theme.muted)

    described = "; ".join([f"{say_site(site)}: {_say_figures(site)}" for site in shown] + foot)
    height = bottom + BOTTOM + len(foot) * FOOT_ROW
    return Chart("lines", "Memory kept per line of code", described, WIDTH, height, draw)


def _grown(sites: Sequence[Site]) -> list[Site]:
    return [site for site in sites if site.per_connection_bytes > 0]


def turns_over(site: Site, most_bytes: float | None) -> bool:
    """Whether a line has allocated more than memory can have grown by, so that as much has gone."""
    return most_bytes is not None and site.per_connection_bytes > max(most_bytes, 1.0)


def say_what_stays(sites: Sequence[Site], per: str, most_bytes: float | None) -> str:
    """Return what is drawn, if anything is; all lines together cannot keep more than memory grew by."""
    if not sites:
        return "nothing stayed over the traced waves"
    if most_bytes is not None and sum(site.per_connection_bytes for site in sites) > max(most_bytes, 1.0):
        most = f"memory in use grew by at most {max(most_bytes, 1.0):,.0f} B per {per}, so most of it turns over"
        return f"allocated over the traced waves and still there, in bytes per {per}; {most}"
    return f"bytes per {per} that stayed over the traced waves; each line allocates them"


def _say_passing(sites: Sequence[Site], per: str) -> list[str]:
    """Return, a line each, what only turns over: what came has taken the place of what went."""
    if not sites:
        return []
    said = [
        f"{elide(say_site(site), NAME_CHARACTERS)}, {say_bytes(site.per_connection_bytes)} a {per}" for site in sites
    ]
    more = [f"and {len(sites) - MOST_PASSING:,} more"] if len(sites) > MOST_PASSING else []
    return ["Not drawn, since it only turns over: as much went as came.", *said[:MOST_PASSING], *more]


def _say_figures(site: Site) -> str:
    """Return a line's bytes and objects."""
    growth = say_growth(site.per_connection_bytes, "bytes")
    return f"{growth} · {site.per_connection:.2f} objects" if site.per_connection else growth


def _draw(axes: Axes, sites: Sequence[Site], guilty: set[tuple[str, int]], theme: Theme) -> None:
    axes.set_xlim(0, max(site.per_connection_bytes for site in sites))
    axes.set_ylim(len(sites) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=theme.muted, linewidth=1)
    for row, site in enumerate(sites):
        is_guilty = (site.file, site.line) in guilty
        colour = theme.leak if is_guilty else theme.line
        _draw_row(axes, row, site, colour, theme, _say_figures(site), is_guilty=is_guilty)


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
