"""Reads the dates that chat sessions carry, whoever wrote them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

# Numbers from here on are milliseconds: as seconds they would lie after the year 5138.
_MS_FROM = 1e11


def parse_time_s(value: object) -> float | None:
    """Return a date as seconds since the epoch, or None when it is none.

    Takes datetimes, ISO 8601 strings with an offset, ``Z`` or none, and numbers in seconds or milliseconds. What has no
    offset is UTC, whatever zone the server is in.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    if isinstance(value, str):
        return _from_text(value.strip())
    return _from_datetime(value) if isinstance(value, datetime) else None


def _from_number(value: float) -> float | None:
    try:
        seconds = float(value)
    except OverflowError:
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return seconds / 1000 if seconds >= _MS_FROM else seconds


def _from_text(text: str) -> float | None:
    try:
        return _from_datetime(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return _from_number(float(text))
    except ValueError:
        return None


def _from_datetime(moment: datetime) -> float | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None
