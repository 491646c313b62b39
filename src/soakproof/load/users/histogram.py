"""Durations in a histogram of bounded size."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

_STEP = math.log(1.01)  # buckets 1% apart: no percentile is off by more
_SMALLEST_S = 1e-6
_LONGEST_S = 86_400.0

MOST_BUCKETS = math.ceil(math.log(_LONGEST_S / _SMALLEST_S) / _STEP)  # of one histogram, whatever is counted


class Histogram:
    """Durations in seconds, in buckets 1% apart; the largest exactly. A million of them take no more room than ten."""

    def __init__(self, buckets: Iterable[tuple[int, int]] = (), max_s: float = 0.0) -> None:
        self.max_s = max_s
        self.buckets: Counter[int] = Counter(dict(buckets))

    def add(self, seconds: float) -> None:
        """Count one duration; a negative one counts as none at all."""
        self.max_s = max(self.max_s, seconds)
        self.buckets[round(math.log(max(seconds, _SMALLEST_S)) / _STEP)] += 1

    def merge(self, other: Histogram) -> None:
        """Take in what another counted."""
        self.max_s = max(self.max_s, other.max_s)
        self.buckets.update(other.buckets)

    def quantile(self, share: float) -> float:
        """Return the duration that ``share`` of all do not exceed; 0 of none."""
        rank = math.ceil(share * self.buckets.total())
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                return min(math.exp(bucket * _STEP), self.max_s)
        return 0.0

    def summary(self) -> dict[str, float]:
        """Return the percentiles and the maximum, in seconds; nothing of none."""
        if not self.buckets:
            return {}
        percentiles = {name: round(self.quantile(share), 6) for name, share in PERCENTILES.items()}
        return {**percentiles, "max": round(self.max_s, 6)}
