"""One mark per verdict, told apart by shape as well as by colour: in the terminal, in charts, on the page, in CI."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """How a verdict looks: its glyph, matplotlib's marker, rich's style, and the emoji for markdown."""

    glyph: str
    marker: str
    style: str
    emoji: str


MARKS = {
    "bounded": Mark("●", "o", "green", "✅"),
    "leak": Mark("▲", "^", "bold red", "❌"),
    "inconclusive": Mark("◆", "D", "yellow", "⚠️"),
    "invalid": Mark("✖", "X", "bold magenta", "⛔"),
}
