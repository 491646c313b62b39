"""Colours and type of charts and page, light and dark, for all kinds of eyes (after Okabe and Ito 2008).

A role has one colour per theme, and no two roles share one in the light theme: that is how an SVG drawn in light
colours is turned dark by a style sheet (`dark_css`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

FONT_SIZE = 12.0
SMALL = 11.0
LARGE = 13.5
FONT_STACK = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Theme:
    """A colour for each role; from ``rss`` on they tell kinds of memory apart, and what is held free is the paler."""

    paper: str
    ink: str
    muted: str
    faint: str
    wave: str
    warmup: str
    margin: str
    line: str
    bounded: str
    leak: str
    inconclusive: str
    invalid: str
    rss: str
    uss: str
    heap: str
    python_in_use: str
    python_free: str
    heap_in_use: str
    mapped: str
    heap_free: str
    stacks: str
    files: str
    shared: str
    other: str


LIGHT = Theme(
    paper="#ffffff",
    ink="#1b1f24",
    muted="#59636e",
    faint="#d4d9df",
    wave="#e6edf5",
    warmup="#f3f5f8",
    margin="#dfe4ea",
    line="#0072b2",
    bounded="#00795a",
    leak="#c03a00",
    inconclusive="#8a6100",
    invalid="#8a4a78",
    rss="#2a6fbb",
    uss="#a34d7e",
    heap="#4f7300",
    python_in_use="#1f5fa6",
    python_free="#a9c9ec",
    heap_in_use="#5c7d1b",
    mapped="#93b04f",
    heap_free="#d2e3a6",
    stacks="#b5749f",
    files="#9aa5b1",
    shared="#bcc4cd",
    other="#77838f",
)
DARK = Theme(
    paper="#12161b",
    ink="#e7eaee",
    muted="#a2acb8",
    faint="#363e48",
    wave="#1e2731",
    warmup="#181d24",
    margin="#2a323c",
    line="#56b4e9",
    bounded="#35c99d",
    leak="#ff8c55",
    inconclusive="#efbf45",
    invalid="#dd9ac6",
    rss="#6ba9f0",
    uss="#e08dba",
    heap="#a9c94a",
    python_in_use="#5b9ce8",
    python_free="#2c4c74",
    heap_in_use="#a4c057",
    mapped="#7b9541",
    heap_free="#48572c",
    stacks="#c78db4",
    files="#6c7681",
    shared="#545d67",
    other="#8a949f",
)


def make_settings(theme: Theme) -> dict[str, Any]:
    """Return matplotlib's settings for a theme: no box, quiet ticks, text that stays text in an SVG."""
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": theme.faint,
        "axes.facecolor": theme.paper,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.labelcolor": theme.muted,
        "axes.linewidth": 1.0,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.facecolor": theme.paper,
        "font.family": ["DejaVu Sans"],
        "font.size": FONT_SIZE,
        "grid.color": theme.faint,
        "grid.linewidth": 0.7,
        "lines.linewidth": 1.6,
        "lines.solid_capstyle": "round",
        "path.simplify_threshold": 0.5,
        "svg.fonttype": "none",
        "text.color": theme.ink,
        "text.hinting": "no_hinting",
        "text.parse_math": False,
        "xtick.color": theme.faint,
        "xtick.labelcolor": theme.muted,
        "xtick.labelsize": SMALL,
        "ytick.color": theme.faint,
        "ytick.labelcolor": theme.muted,
        "ytick.labelsize": SMALL,
        "ytick.major.size": 0.0,
    }


def dark_css() -> str:
    """Return the rules that turn SVGs drawn in light colours dark.

    They name no ancestor: inside a ``<use>`` there is none to be matched.
    """
    dark = asdict(DARK)
    return "".join(
        f'[style*="{prop}: {colour}"]{{{prop}:{dark[role]}!important}}'
        for role, colour in asdict(LIGHT).items()
        for prop in ("fill", "stroke")
    )
