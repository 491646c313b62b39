"""What all charts over time share: axes in units that people use, waves shaded, phases named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from soakproof.late import ticker
from soakproof.report.charts.style import SMALL, Theme
from soakproof.report.charts.timeline import PHASE_NAMES, Timeline
from soakproof.wording.numbers import HOUR_S, MINUTE_S, say_bytes, say_compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GLYPH_WIDTH = 0.58
MINUTES_FROM_S = 240.0
HOURS_FROM_S = 4 * HOUR_S
CLOSE_UP = 0.05
NICE_STEPS = [1, 2, 2.5, 5, 10]


def text_width(text: str, size: float = SMALL) -> float:
    """Return about how wide a text is, in pixels: no renderer is asked, so that drawing stays cheap."""
    return len(text) * size * GLYPH_WIDTH


def width_px(axes: Axes) -> float:
    """Return the width of axes in pixels."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_size_inches()[0] * 72)


def use_time(axes: Axes, end_s: float, *, has_label: bool = True) -> None:
    """Let the horizontal axis be time since the run began: seconds, minutes or hours, whichever reads best."""
    unit, name = (1.0, "seconds")
    if end_s >= MINUTES_FROM_S:
        unit, name = (HOUR_S, "hours") if end_s >= HOURS_FROM_S else (MINUTE_S, "minutes")
    axes.set_xlim(0, max(end_s, 1.0))
    most = max(int(width_px(axes) // 90), 3)
    ticks = ticker.MaxNLocator(most, steps=NICE_STEPS).tick_values(0, max(end_s, 1.0) / unit)
    axes.set_xticks([tick * unit for tick in ticks if tick * unit <= end_s])
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value / unit:,.4g}"))
    if has_label:
        axes.set_xlabel(name, fontsize=SMALL, loc="right", labelpad=2)


def use_connections(axes: Axes, first: float, last: float, per: str) -> None:
    """Let the horizontal axis be cumulative connections (or events)."""
    spread = max(last - first, 1.0)
    axes.set_xlim(first - 0.03 * spread, last + 0.03 * spread)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(max(int(width_px(axes) // 80), 3), integer=True, steps=NICE_STEPS))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_compact(value)))
    axes.set_xlabel(f"{per}s so far", fontsize=SMALL, loc="right", labelpad=2)


def use_amounts(axes: Axes, unit: str, lowest: float, highest: float, ticks: int = 4) -> None:
    """Let the vertical axis count things, or measure memory."""
    axes.set_ylim(lowest, highest)
    if unit == "bytes":
        axes.set_yticks(_binary_ticks(lowest, highest, ticks))
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: say_tick_bytes(value)))
    else:
        axes.yaxis.set_major_locator(ticker.MaxNLocator(ticks, integer=True, steps=NICE_STEPS))
        is_close_up = highest - lowest < CLOSE_UP * abs(highest)
        axes.yaxis.set_major_formatter(
            ticker.FuncFormatter(lambda value, _: f"{value:,.0f}" if is_close_up else say_compact(value))
        )
    axes.yaxis.set_minor_locator(ticker.NullLocator())


def say_tick_bytes(value: float) -> str:
    """Return a round amount of memory without idle decimals: 64 MiB."""
    return say_bytes(value).replace(".0 ", " ")


def _binary_ticks(lowest: float, highest: float, ticks: int) -> list[float]:
    """Return round amounts in the binary unit that suits the highest."""
    step = 1024.0 ** max(int(np.log(max(abs(highest), abs(lowest), 1.0)) / np.log(1024)), 0)
    values = ticker.MaxNLocator(ticks, steps=NICE_STEPS).tick_values(lowest / step, highest / step)
    return [value * step for value in values if lowest <= value * step <= highest]


def shade_waves(axes: Axes, timeline: Timeline, theme: Theme) -> None:
    """Shade the time in which clients come and go; what is not judged, lighter."""
    for is_warmup, colour in ((True, theme.warmup), (False, theme.wave)):
        shaded = [span for span in timeline.spans if span.phase != "drain" and (span.phase == "warmup") == is_warmup]
        bars = merge([(span.start_s, span.end_s) for span in shaded], timeline.end_s / width_px(axes))
        transform = axes.get_xaxis_transform()
        axes.broken_barh(bars, (0, 1), transform=transform, color=colour, linewidth=0, zorder=0)


def merge(stretches: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Return stretches as starts and widths, those joined between which no screen could show the ``gap``."""
    merged: list[tuple[float, float]] = []
    for start, end in stretches:
        if merged and start - sum(merged[-1]) < gap:
            merged[-1] = (merged[-1][0], end - merged[-1][0])
        else:
            merged.append((start, end - start))
    return merged


def name_phases(axes: Axes, timeline: Timeline, theme: Theme) -> None:
    """Write each phase's name above its stretch, where there is room for it."""
    per_second = width_px(axes) / max(timeline.end_s, 1.0)
    free_from = -np.inf
    for stage in timeline.stages():
        name = PHASE_NAMES[stage.phase]
        left = stage.start_s * per_second
        room = (stage.end_s - stage.start_s) * per_second
        if left < free_from or text_width(name, 10) > max(room, 24) + 14:
            continue
        axes.annotate(
            name,
            (stage.start_s, 1),
            (1, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=10,
            color=theme.muted,
            annotation_clip=False,
        )
        free_from = left + text_width(name, 10) + 6
