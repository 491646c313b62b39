"""The flame graph that the page draws: stacks of what stays, merged from their outermost frame, by line or module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import PurePath

import msgspec

from soakproof.culprits import Frame, Origin
from soakproof.judge.verdict import Verdict, is_cause
from soakproof.report.stacks import Stayed, name_frame
from soakproof.wording.numbers import say_growth

LEAST_SHARE = 0.001  # of the whole, below which no screen shows a frame
PACKAGE = "__init__"

Path = tuple[Sequence[Frame], float]  # frames, outermost first, and bytes per connection


class FlameFrame(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A frame of the graph with those that it leads to; ``named`` is one whose line the verdict names."""

    name: str
    said: str
    bytes: float
    origin: Origin
    named: bool = False
    children: list[FlameFrame] = []


class Merging:
    """Merges stacks from their outermost frame: what frames are called by, what the whole is, which lines are named."""

    def __init__(self, whole: float, guilty: frozenset[tuple[str, int]], per: str) -> None:
        self._whole, self._guilty, self._per = whole, guilty, per

    def merge(self, paths: Iterable[Path], name: Callable[[Frame], str]) -> list[FlameFrame]:
        """Return the outermost frames with all that they lead to, those that keep the most first."""
        by_name: dict[str, list[Path]] = {}
        for frames, size in paths:
            if frames:
                by_name.setdefault(name(frames[0]), []).append((frames, size))
        merged = [self._frame(named, group, name) for named, group in by_name.items()]
        return sorted(
            (each for each in merged if each.bytes >= LEAST_SHARE * self._whole), key=lambda each: -each.bytes
        )

    def _frame(self, named: str, group: Sequence[Path], name: Callable[[Frame], str]) -> FlameFrame:
        size = sum(size for _, size in group)
        return FlameFrame(
            name=named,
            said=f"{say_growth(size, 'bytes')} per {self._per}, {size / self._whole:.0%}",
            bytes=round(size, 2),
            origin=group[0][0][0].origin,
            named=any((frames[0].file, frames[0].line) in self._guilty for frames, _ in group),
            children=self.merge(((frames[1:], size) for frames, size in group), name),
        )


def encode_flame(stayed: Sequence[Stayed], verdict: Verdict, per: str) -> str:
    """Return both views as JSON, such that no name can end the element that it stands in; empty without stacks."""
    if not stayed:
        return ""
    culprits = [finding.culprit for finding in verdict.findings if finding.culprit and is_cause(finding)]
    guilty = frozenset((site.file, site.line) for culprit in culprits for site in culprit.sites)
    whole = sum(each.bytes_per_connection for each in stayed)
    merging = Merging(whole, guilty, per)
    views = {
        "line": merging.merge([(each.frames, each.bytes_per_connection) for each in stayed], name_frame),
        "module": merging.merge([(by_module(each.frames), each.bytes_per_connection) for each in stayed], name_module),
    }
    said = f"{say_growth(whole, 'bytes')} per {per}"
    written = msgspec.json.encode({"whole": round(whole, 2), "said": said, "views": views})
    return written.decode().replace("<", "\\u003c")


def by_module(frames: Iterable[Frame]) -> list[Frame]:
    """Return a frame for each stretch of a stack that stays within one module."""
    return [next(stretch) for _, stretch in groupby(frames, key=name_module)]


def name_module(frame: Frame) -> str:
    """Return the module that a file is, as far as its path tells: socketio.async_server."""
    path = PurePath(frame.file)
    if path.is_absolute() or path.suffix != ".py":
        return path.name or frame.file
    parts = [*path.parent.parts, path.stem]
    return ".".join(parts[:-1] if parts[-1] == PACKAGE and len(parts) > 1 else parts)
