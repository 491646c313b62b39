"""Why runs missed, by hand: ``explanations.toml`` beside the data, and what a mend of the product makes of old runs.

[[explained]]
cases = "chat-sessions@*"           # a pattern
why = "one sentence"
mended = 2026-11-24T16:00:00Z       # if it was: runs of these cases from before, right or not, no longer count

[shares]
since = 2026-11-24T16:00:00Z        # what runs from before say of the share of the growth that is explained is not told
why = "one sentence"
"""

from __future__ import annotations

import fnmatch
import tomllib
from datetime import datetime
from pathlib import Path

import msgspec

from benchmarks.accuracy.records import FOLDER, Record

FILE = FOLDER / "explanations.toml"


class Explained(msgspec.Struct, kw_only=True):
    """A cause of misses, and since when the product has none of it."""

    cases: str
    why: str
    mended: datetime | None = None

    def covers(self, record: Record) -> bool:
        """Whether it is about a run: one of these cases, made before the mend if there was one."""
        is_before = self.mended is None or record.made_at < self.mended
        return is_before and fnmatch.fnmatch(record.case, self.cases)


class SharesSince(msgspec.Struct, kw_only=True):
    """Since when the share of the growth that is explained is measured as it is, and what was mended then."""

    since: datetime
    why: str


class Notes(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What people wrote down beside the data."""

    explained: list[Explained] = []
    shares: SharesSince | None = None


def read_explanations(path: Path = FILE) -> list[Explained]:
    """Return what was explained; nothing where there is no file."""
    return read_notes(path).explained


def read_notes(path: Path = FILE) -> Notes:
    """Return all that was written down; nothing where there is no file."""
    return msgspec.convert(tomllib.loads(path.read_text()) if path.exists() else {}, Notes)


def is_superseded(record: Record, explanations: list[Explained]) -> bool:
    """Whether the product was mended for this case after the run: all such runs are to be made again, right or not."""
    return any(one.mended is not None and one.covers(record) for one in explanations)


def explain(record: Record, explanations: list[Explained]) -> str:
    """Return why a run missed; that nobody knows, where nobody has said."""
    said = [_say(one) for one in explanations if one.covers(record)]
    return "; ".join(said) or "not explained yet"


def _say(one: Explained) -> str:
    return f"{one.why}; mended {one.mended:%Y-%m-%d %H:%M}" if one.mended else one.why
