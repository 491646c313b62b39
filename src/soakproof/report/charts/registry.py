"""One registry, in two panels: over time, and at rest against cumulative connections, which is the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from soakproof.judge.codes import Rule
from soakproof.judge.verdict import Finding
from soakproof.report.charts.axes import name_phases, shade_waves, use_amounts, use_connections, use_time
from soakproof.report.charts.downsample import thin
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import MOST_POINTS, MOST_RESTS, Rests, Timeline
from soakproof.report.marks import MARKS
from soakproof.totals import Array
from soakproof.wording.numbers import say_amount, say_compact, say_margin, say_seconds
from soakproof.wording.slope import is_fitted, say_slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_FITTED = 2
STEEP = 0.55
HEADROOM = 1.12
MANY_RESTS = 40
LEAST_SCALE = 4.0
CROWDS = ("type", "heap", "blocks", "process")
BOUND_IN_VIEW = 3.0
WHOLE_RUN_RULES = (Rule.DECLARED_BOUND, Rule.OWN_BOUND, Rule.PLATEAU)


@dataclass(frozen=True)
class Fit:
    """The fitted line through the medians, and its band: the lines of the lowest and highest slope through there."""

    x0: float
    y0: float
    slope: float
    low: float
    high: float

    def line(self, x: Array) -> Array:
        """Return the line at some x."""
        return self.y0 + self.slope * (x - self.x0)

    def band(self, x: Array) -> tuple[Array, Array]:
        """Return the lower and the upper edge of the band."""
        edges = self.y0 + np.outer((self.low, self.high), x - self.x0)
        return edges.min(axis=0), edges.max(axis=0)


def fit_of(finding: Finding, rests: Rests) -> Fit | None:
    """Return the line that the judge fitted, if there were points enough.

    A line that is flat begins where the points begin: its band tells what may have been gained since.
    """
    x, y = rests.x[rests.is_fitted], rests.y[rests.is_fitted]
    if len(x) < FEWEST_FITTED or not is_fitted(finding):
        return None
    if finding.per_connection == 0:
        return Fit(float(x[0]), float(y[0]), 0.0, *finding.ci)
    return Fit(float(np.median(x)), float(np.median(y)), finding.per_connection, *finding.ci)


def verdict_colour(finding: Finding, theme: Theme) -> str:
    """Return the colour of a finding's verdict; what does not decide the run is drawn quietly."""
    is_quiet = not finding.is_deciding and finding.verdict != "bounded"
    return theme.muted if is_quiet else str(getattr(theme, finding.verdict))


def draw_over_time(axes: Axes, finding: Finding, timeline: Timeline, theme: Theme, *, has_label: bool = True) -> None:
    """Draw readings as a line, waves shaded, rest points marked, the fit in its band, the bound, a lingering tail."""
    colour = verdict_colour(finding, theme)
    times, values = timeline.lines(finding.metric)
    rests = timeline.rests(finding.metric)
    shade_waves(axes, timeline, theme)
    axes.plot(*thin(times, values, MOST_POINTS), color=theme.line, linewidth=1.3, zorder=3)
    top = _scale(axes, finding, values, rests, theme)
    _draw_fit_over_time(axes, finding, rests, timeline, colour)
    mark_rests(axes, rests.t_s, rests, finding, colour, theme)
    _draw_bound(axes, finding, top, timeline, theme)
    _tell_lingering(axes, finding, times, values, timeline, theme)
    use_time(axes, timeline.end_s, has_label=has_label)
    name_phases(axes, timeline, theme)


def _say_empty(axes: Axes, theme: Theme) -> None:
    text = "empty whenever it was read"
    axes.annotate(
        text,
        (0.5, 0.5),
        xycoords="axes fraction",
        ha="center",
        va="center",
        fontsize=SMALL,
        color=theme.muted,
        zorder=6,
    )


def _scale(axes: Axes, finding: Finding, values: Array, rests: Rests, theme: Theme) -> float:
    """Choose the vertical axis: from zero, but for what is many in any process; the bound in view unless it is far."""
    highest = max([finding.peak, *values, *rests.y, LEAST_SCALE])
    lowest = min([0.0, *values, *rests.y])
    if finding.peak == 0 and not any(values):
        _say_empty(axes, theme)
    if finding.kind in CROWDS:
        lowest = min([*values, *rests.y])
    if finding.bound is not None and finding.bound <= highest * BOUND_IN_VIEW:
        highest = max(highest, finding.bound * 1.08)
    use_amounts(axes, finding.unit, lowest - 0.02 * (highest - lowest), lowest + (highest - lowest) * HEADROOM)
    return float(highest)


def _draw_fit_over_time(axes: Axes, finding: Finding, rests: Rests, timeline: Timeline, colour: str) -> None:
    fit = fit_of(finding, rests)
    if fit is None:
        return
    times = rests.t_s[rests.is_fitted]
    steps = np.unique(np.concatenate([times, np.linspace(times[0], times[-1], 120)]))
    x = timeline.x_at(steps)
    if fit.slope:
        axes.fill_between(steps, *fit.band(x), color=colour, alpha=0.18, linewidth=0, zorder=2)
    axes.plot(steps, fit.line(x), color=colour, linewidth=1.4, linestyle=(0, (5, 2)), zorder=4)
    if finding.verdict == "leak":
        _label_leak(axes, finding, float(fit.line(x[-1:])[0]), timeline.per, colour)


def _label_leak(axes: Axes, finding: Finding, last: float, per: str, colour: str) -> None:
    """Write the slope where a growing registry leaves the panel empty: below a steep line's end, above a flat one's."""
    lowest, highest = axes.get_ylim()
    height = (last - lowest) / (highest - lowest)
    is_steep = height > STEEP
    axes.annotate(
        f"{say_slope(finding)} per {per}",
        (0.985, 0.1 if is_steep else height + 0.08),
        xycoords="axes fraction",
        ha="right",
        fontsize=13,
        fontweight="bold",
        color=colour,
        zorder=8,
        bbox={"facecolor": "none" if is_steep else axes.get_facecolor(), "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
    )


def mark_rests(axes: Axes, where: Array, rests: Rests, finding: Finding, colour: str, theme: Theme) -> None:
    """Mark the rest points: filled those that were judged, hollow the others; of a great many, the telling ones."""
    marker = MARKS[finding.verdict].marker
    size = 30 if len(where) <= MANY_RESTS else 12
    for is_judged in (False, True):
        chosen = rests.is_fitted == is_judged
        axes.scatter(
            *thin(where[chosen], rests.y[chosen], MOST_RESTS),
            s=size,
            c=colour if is_judged else theme.paper,
            marker=marker,
            edgecolors=theme.paper if is_judged else theme.muted,
            linewidths=0.8,
            zorder=6 if is_judged else 5,
            clip_on=False,
        )


def _draw_bound(axes: Axes, finding: Finding, top: float, timeline: Timeline, theme: Theme) -> None:
    """Draw the most that it may hold, where that holds: Little's law speaks of the steady phase.

    A bound far above the readings would flatten them, and is only told, at the top edge.
    """
    if finding.bound is None:
        return
    name, start_s, end_s = place_bound(finding, timeline)
    is_in_view = finding.bound <= top
    if is_in_view:
        axes.hlines(finding.bound, start_s, end_s, color=theme.ink, linewidth=1.3, linestyle=(0, (2, 1.5)), zorder=4)
    axes.annotate(
        f"{name}: {say_compact_amount(finding.bound, finding.unit)}" + ("" if is_in_view else " ↑ far above"),
        (start_s, finding.bound if is_in_view else axes.get_ylim()[1]),
        (4, 3 if is_in_view else -13),
        textcoords="offset points",
        fontsize=SMALL,
        color=theme.ink,
        zorder=7,
        bbox={"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
    )


def place_bound(finding: Finding, timeline: Timeline) -> tuple[str, float, float]:
    """Return what a finding's bound is called, and from when to when it holds."""
    steady = next((span for span in timeline.spans if span.phase == "steady"), None)
    if finding.rule not in WHOLE_RUN_RULES and steady is not None:
        return "Little's law", steady.start_s, steady.end_s
    return "bound", 0.0, timeline.end_s


def say_compact_amount(value: float, unit: str) -> str:
    """Return an amount as a label says it: exact while short."""
    return say_amount(value, unit) if unit == "bytes" or value < 100_000 else say_compact(value)  # noqa: PLR2004


def _tell_lingering(
    axes: Axes, finding: Finding, times: Array, values: Array, timeline: Timeline, theme: Theme
) -> None:
    """Write beside the tail that it drains by itself, and in what time."""
    drain = next((span for span in timeline.spans if span.phase == "drain"), None)
    if finding.lingers_s is None or drain is None or not len(values):
        return
    text = f"drains by itself in {say_seconds(finding.lingers_s)}"
    gone_s = min(drain.start_s + finding.lingers_s, timeline.end_s)
    level = float(np.interp(drain.start_s, times, values))
    axes.annotate(
        text,
        (gone_s, level * 0.35),
        (-14, 34),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        color=theme.ink,
        zorder=7,
        bbox={"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
        arrowprops={"arrowstyle": "-|>", "color": theme.ink, "linewidth": 0.9, "shrinkB": 2},
    )


def draw_growth(axes: Axes, finding: Finding, timeline: Timeline, theme: Theme) -> None:
    """Draw rest values against connections, the slope with its band, and the cone of growth that counts as none."""
    colour = verdict_colour(finding, theme)
    rests = timeline.rests(finding.metric)
    fit = fit_of(finding, rests)
    x = rests.x if len(rests.x) else np.zeros(1)
    use_connections(axes, float(x.min()), float(x.max()), timeline.per)
    low, high = _draw_cone(axes, finding, rests, fit, theme)
    span = np.array(axes.get_xlim()) if fit is None else rests.x[rests.is_fitted][[0, -1]]
    if fit is not None:
        edges = fit.band(span)
        axes.fill_between(span, *edges, color=colour, alpha=0.25, linewidth=0, zorder=2)
        axes.plot(span, fit.line(span), color=colour, linewidth=1.6, linestyle=(0, (5, 2)), zorder=4)
        low, high = min(low, *edges[0]), max(high, *edges[1])
    mark_rests(axes, rests.x, rests, finding, colour, theme)
    low, high = min([low, *rests.y]), max([high, low + LEAST_SCALE, *rests.y])
    pad = 0.08 * max(high - low, 1.0)
    use_amounts(axes, finding.unit, low - pad, high + 2 * pad)


def _draw_cone(axes: Axes, finding: Finding, rests: Rests, fit: Fit | None, theme: Theme) -> tuple[float, float]:
    """Shade where lines within the margin go, from the first fitted point on; return what of it must be in view."""
    if fit is None:
        return 0.0, 0.0
    x = rests.x[rests.is_fitted][[0, -1]]
    start = float(fit.line(x[:1])[0]) if finding.verdict != "leak" else float(rests.y[rests.is_fitted][0])
    reach = finding.margin * (x - x[0])
    floor = 0.0 if finding.unit != "bytes" and rests.y.min() >= 0 else -np.inf
    axes.fill_between(x, np.maximum(start - reach, floor), start + reach, color=theme.margin, linewidth=1, zorder=1)
    is_narrow = finding.verdict == "leak" and abs(fit.slope) > 8 * finding.margin
    top = start + reach[-1]
    axes.annotate(
        f"margin {say_margin(finding.margin, finding.unit)}",
        (x[-1], top),
        (0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=10,
        color=theme.muted,
    )
    return (start if is_narrow else max(start - float(reach[-1]), floor)), top
