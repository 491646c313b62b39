"""Numbers and names as reports say them: the same in the terminal, on the page, and along the axes."""

from __future__ import annotations

import math

import numpy as np

KIB = 1024.0
MINUTE_S = 60.0
HOUR_S = 3600.0
MANY_BYTES = 10 * KIB
FEW_BYTES = 10
UNKNOWN = "–"  # noqa: RUF001  # a dash, and no minus
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
COMPACT_UNITS = ("", "k", "M", "G", "T")


def say_bytes(value: float) -> str:
    """Return an amount of memory in the unit that suits it: 212 B, 1.2 KiB, 78.1 MiB."""
    size, step = abs(value), 0
    while size >= KIB and step < len(BYTE_UNITS) - 1:
        size, step = size / KIB, step + 1
    sign = "-" if value < 0 else ""
    is_whole = step == 0 and (size >= 10 or size == int(size))  # noqa: PLR2004 - digits, not a tunable
    return f"{sign}{size:,.0f} {BYTE_UNITS[step]}" if is_whole else f"{sign}{size:,.1f} {BYTE_UNITS[step]}"


def say_amount(value: float | None, unit: str) -> str:
    """Return a reading: 6,012, or 78.1 MiB when it is memory; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return say_bytes(value) if unit == "bytes" else f"{value:,.0f}"


def say_with_unit(value: float, unit: str) -> str:
    """Return a reading with its unit: 6,012 entries, 78.1 MiB."""
    return say_amount(value, unit) if unit == "bytes" else f"{say_amount(value, unit)} {unit}"


def say_small(rate: float) -> str:
    """Return an upper limit of a rate with the two digits that matter, however small: 0.00067, 0.000003."""
    return np.format_float_positional(rate, precision=2, fractional=False, trim="-")


def say_growth(value: float, unit: str, decimals: int | None = None) -> str:
    """Return a rate with its sign and three digits that matter: +1.00, 0, -0.0003, +212 B."""
    if not math.isfinite(value):
        return UNKNOWN
    if unit == "bytes":
        text = say_bytes(value) if abs(value) >= MANY_BYTES else f"{value:,.{0 if abs(value) >= FEW_BYTES else 1}f} B"
    else:
        text = f"{value:,.{find_decimals(value) if decimals is None else decimals}f}"
    if not any(digit in "123456789" for digit in text):
        return "0"
    return text if value < 0 else f"+{text}"


def find_decimals(value: float) -> int:
    """Return how many decimals show three digits that matter, at most five of them."""
    size = abs(float(f"{value:.3g}"))
    return 5 if size < 1e-3 else min(max(2 - math.floor(math.log10(size)), 0), 4)  # noqa: PLR2004 - digits


def say_interval(ci: tuple[float, float], unit: str) -> str:
    """Return an interval: [+0.982, +1.019], [-26, +30] B, or a dash when the run was too short for one."""
    if not all(map(math.isfinite, ci)):
        return UNKNOWN
    if unit == "bytes":
        return _say_interval_of_bytes(ci)
    decimals = find_decimals((ci[1] - ci[0]) * 10 or max(map(abs, ci)))
    return f"[{say_growth(ci[0], unit, decimals)}, {say_growth(ci[1], unit, decimals)}]"


def _say_interval_of_bytes(ci: tuple[float, float]) -> str:
    """Return both ends in the unit that suits the farther."""
    farthest = max(map(abs, ci))
    step = 0 if farthest < MANY_BYTES else min(int(math.log(farthest, KIB)), len(BYTE_UNITS) - 1)
    decimals = 0 if step == 0 and farthest >= FEW_BYTES else 1
    ends = (end / KIB**step for end in ci)
    low, high = (f"{end:+,.{decimals}f}" if round(end, decimals) else "0" for end in ends)
    return f"[{low}, {high}] {BYTE_UNITS[step]}"


def say_margin(margin: float, unit: str) -> str:
    """Return a margin: ±0.005, ±16 B."""
    return f"±{say_bytes(margin) if unit == 'bytes' else f'{margin:.3g}'}"


def say_confidence(confidence: float) -> str:
    """Return a confidence: 90%, 95.5%."""
    return f"{confidence * 100:.3g}%"


def say_unit(unit: str, per: str) -> str:
    """Return the unit of a slope: entries per connection; of memory only what it is per, as bytes carry their own."""
    return f"per {per}" if unit == "bytes" else f"{unit} per {per}"


def say_seconds(seconds: float | None) -> str:
    """Return a duration: 0.4 s, 71.2 s, 3 min 5 s, 1 h 3 min; a dash where there is none."""
    if seconds is None:
        return UNKNOWN
    if seconds < MINUTE_S * 2:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), MINUTE_S)
    if seconds < HOUR_S:
        return f"{minutes:.0f} min {rest:.0f} s"
    return f"{minutes // 60:.0f} h {minutes % 60:.0f} min"


def say_age(seconds: float) -> str:
    """Return a duration as people name one, to about a twentieth: 30 s, 10 min, 2 h, 1 day."""
    for length_s, name, plural in ((86_400.0, "day", "days"), (HOUR_S, "h", "h"), (MINUTE_S, "min", "min")):
        if seconds >= 0.97 * length_s:
            number = float(f"{seconds / length_s:.2g}")
            return f"{number:g} {name if number == 1 else plural}"
    return f"{float(f'{seconds:.2g}'):g} s"


def say_milliseconds(seconds: float) -> str:
    """Return a latency: 4.2 ms, 1.3 s."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def say_compact(value: float) -> str:
    """Return a count short enough for an axis: 250, 1.5k, 10k, 2M."""
    size, step = abs(value), 0
    while size >= 1000 and step < len(COMPACT_UNITS) - 1:  # noqa: PLR2004 - what k, M and G stand for
        size, step = size / 1000, step + 1
    return f"{'-' if value < 0 else ''}{size:.3g}{COMPACT_UNITS[step]}"


def elide(text: str, width: int) -> str:
    """Shorten a long name in its middle, since both its module and its attribute tell it from others."""
    if len(text) <= width:
        return text
    tail = (width - 1) * 2 // 3
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"
