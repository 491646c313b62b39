"""From a drawing to a picture: figures measured in CSS pixels, and their SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from soakproof import late
from soakproof.late import mpl
from soakproof.report.charts.style import FONT_STACK, LIGHT, Theme, dark_css, make_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 72
PNG_SCALE = 1.5
PNG_COMPRESSION = 3
FIRST_TAG = re.compile(r"^.*?(?=<svg)", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>|\s*<!--.*?-->", re.DOTALL)
IDENTIFIER = re.compile(r'\bid="([^"]+)"')
REFERENCE = re.compile(r'(?:url\(#|xlink:href="#)([^")]+)')
FONT_FAMILY = re.compile(r"font-family: 'DejaVu Sans'; ")


@dataclass(frozen=True)
class Chart:
    """A picture that can be drawn: its file's stem, what it shows in words, its size, and how it is drawn.

    ``width`` and ``height`` are CSS pixels; text sizes are too. In light colours it is drawn once, whoever asks.
    """

    name: str
    title: str
    description: str
    width: int
    height: int
    draw: Callable[[Figure, Theme], None]

    @cached_property
    def svg(self) -> str:
        """An SVG element in light colours, to be put into a page; its ids begin with the chart's name."""
        stream = io.StringIO()
        settings = make_settings(LIGHT) | {"svg.hashsalt": self.name}
        with mpl.rc_context(settings):  # type: ignore[arg-type]  # the stubs list every setting by name
            late.backend_svg.FigureCanvasSVG(self._light)
            self._light.savefig(stream, format="svg", dpi=PIXELS_PER_INCH, transparent=True)
        return _tidy(stream.getvalue(), self)

    def figure(self, theme: Theme) -> Figure:
        """Return it drawn, for a backend to render under the theme's settings."""
        return self._light if theme == LIGHT else self._drawn(theme)

    @cached_property
    def _light(self) -> Figure:
        return self._drawn(LIGHT)

    def _drawn(self, theme: Theme) -> Figure:
        size = (self.width / PIXELS_PER_INCH, self.height / PIXELS_PER_INCH)
        with mpl.rc_context(make_settings(theme)):  # type: ignore[arg-type]  # as above
            figure = late.figure.Figure(figsize=size, dpi=PIXELS_PER_INCH)
            self.draw(figure, theme)
        return figure


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a place given in pixels from the left and the top."""
    whole_width, whole_height = figure.get_size_inches() * PIXELS_PER_INCH
    bottom = whole_height - top - height
    return figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))


def add_text(figure: Figure, left: float, top: float, text: str, **style: object) -> None:
    """Write text whose first line's top stands at a place given in pixels."""
    whole_width, whole_height = figure.get_size_inches() * PIXELS_PER_INCH
    figure.text(left / whole_width, 1 - top / whole_height, text, va="top", **style)  # type: ignore[arg-type]  # free style


def write_beside(axes: Axes, text: str, height: float, offset: tuple[float, float], **style: Any) -> None:
    """Write a text beside axes, at a share of their height, moved by so many points."""
    at: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
    axes.annotate(text, (1, height), offset, va="center", **at, **style)


def to_png(chart: Chart, theme: Theme) -> bytes:
    """Draw a chart as a PNG, `PNG_SCALE` pixels to a CSS pixel."""
    stream = io.BytesIO()
    figure = chart.figure(theme)
    with mpl.rc_context(make_settings(theme)):  # type: ignore[arg-type]  # as above
        late.backend_agg.FigureCanvasAgg(figure)
        dpi = PIXELS_PER_INCH * PNG_SCALE
        figure.savefig(stream, format="png", dpi=dpi, pil_kwargs={"compress_level": PNG_COMPRESSION})
    return stream.getvalue()


def to_svg_file(svg: str) -> str:
    """Return the element as a file of its own, which turns dark with its reader's screen."""
    style = f"<style>@media screen and (prefers-color-scheme: dark){{{dark_css()}}}</style>"
    return '<?xml version="1.0" encoding="utf-8"?>\n' + svg.replace("<defs>", f"{style}<defs>", 1)


def _tidy(svg: str, chart: Chart) -> str:
    """Leave out prologue, metadata and ids that nothing refers to, prefix the others, name the font once."""
    svg = METADATA.sub("", FIRST_TAG.sub("", svg))
    used = set(REFERENCE.findall(svg))
    svg = IDENTIFIER.sub(lambda match: f'id="{chart.name}-{match[1]}"' if match[1] in used else "", svg)
    svg = svg.replace("url(#", f"url(#{chart.name}-").replace('xlink:href="#', f'xlink:href="#{chart.name}-')
    svg = FONT_FAMILY.sub("", svg).replace("<svg", f'<svg style="font-family: {FONT_STACK}"', 1)
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', f'width="{chart.width}" height="{chart.height}"', svg, count=1)
