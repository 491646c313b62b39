"""Annotations of GitHub Actions: a leak beside the line that makes it, in the pull request's own view of the files.

They are lines that a step prints: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from soakproof.compare import Comparison
from soakproof.judge.verdict import Verdict
from soakproof.report.located import Located, in_repository, locate_causes
from soakproof.samples import Run
from soakproof.wording.advice import say_headline
from soakproof.wording.changes import HEADLINES, say_comparison_reason, say_worse
from soakproof.wording.reasons import say_verdict_reason

MOST = 10  # GitHub shows no more of a step


def annotate_verdict(run: Run, verdict: Verdict) -> list[str]:
    """Return the annotations of a run: each cause at its line, or the verdict where no line is known."""
    located = list(locate_causes(run, verdict))[:MOST]
    lines = [annotate("error", each.message, title=f"soakproof: {each.title}", **_place(each)) for each in located]
    if not lines and verdict.verdict != "bounded":
        level = "error" if verdict.exit_code else "warning"
        title = f"soakproof: {verdict.verdict}"
        lines = [annotate(level, f"{say_headline(run, verdict)} {say_verdict_reason(verdict)}", title=title)]
    return lines


def annotate_comparison(comparison: Comparison) -> list[str]:
    """Return the annotations of a comparison: by how much it is worse, at the line."""
    return list(_annotations_of(comparison))


def _annotations_of(comparison: Comparison) -> Iterator[str]:
    if comparison.verdict == "bounded":
        return
    level = "error" if comparison.exit_code else "warning"
    worse = say_worse(comparison)
    what = f"{worse}\n" if worse else ""
    message = f"{HEADLINES[comparison.verdict]} {what}{say_comparison_reason(comparison)}"
    red = [change for change in comparison.changes if change.verdict == "regression" and change.is_deciding]
    site = next((change.culprit.sites[0] for change in red if change.culprit and change.culprit.sites), None)
    file = in_repository(site, Path.cwd()) if site else None
    place = {"file": file, "line": str(site.line)} if site and file else {}
    yield annotate(level, message, title=f"soakproof: {comparison.verdict}", **place)


def _place(located: Located) -> Mapping[str, str]:
    return {"file": located.file, "line": str(located.line)} if located.file else {}


def annotate(level: str, message: str, **properties: str) -> str:
    """Return a workflow command; what would end it, or a property of it, is written in percent."""
    said = ",".join(f"{name}={escape_property(value)}" for name, value in properties.items())
    return f"::{level} {said}::{escape_message(message)}"


def escape_message(text: str) -> str:
    """Return text as a workflow command carries it, line breaks included."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Return a property's value, in which colons and commas mean something besides."""
    return escape_message(text).replace(":", "%3A").replace(",", "%2C")
