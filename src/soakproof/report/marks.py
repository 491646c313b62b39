"""One mark per verdict, told apart by shape as well as by colour: in the terminal, in charts, on the page, in CI."""

from __future__ import annotations

from dataclasses import dataclass

from soakproof.judge.verdict import Finding


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


def say_verdict(finding: Finding) -> str:
    """Return a finding's verdict in words that do not alarm without cause: a consequence is no second leak."""
    if finding.verdict == "bounded" and finding.lingers_s is not None:
        return "bounded, lingers"
    if finding.is_deciding or finding.verdict == "bounded":
        return finding.verdict
    return "follows" if finding.verdict == "leak" else "undecided"
