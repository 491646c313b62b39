"""Noise is measured on clean runs, and what is drawn has the width and the memory that were measured."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from benchmarks.noise import Noise, measure_noise
from tests.accuracy.made_records import make_record

DRAWN = Noise(width=40.0, memory=0.6, drifts=(0.0,), points=0)


def make_clean(seed, *, points=42, drift=0.02, found=True):
    x = 280.0 * np.arange(2, points + 2)
    y = 5_000 + drift * x + DRAWN.draw(np.random.default_rng(seed), points)
    record = make_record("clean x", seed, "bounded" if found else "leak", group="clean")
    return msgspec.structs.replace(record, series={"connections": x.tolist(), "heap:blocks": y.tolist()})


def test_what_was_drawn_is_measured():
    """Of two hundred runs of 42 points, width and memory come out within a tenth."""
    noise = measure_noise([make_clean(seed) for seed in range(200)], "heap:blocks")
    assert noise.width == pytest.approx(40, rel=0.1)
    assert noise.memory == pytest.approx(0.6, abs=0.06)
    assert np.median(noise.drifts) == pytest.approx(0.02, abs=0.003)
    assert noise.points == 200 * 42


def test_a_constant_series_has_no_noise():
    """Objects that stand still have neither width nor memory."""
    record = make_clean(1)
    record.series["heap:blocks"] = [7.0] * 42
    noise = measure_noise([record], "heap:blocks")
    assert (noise.width, noise.memory) == (0, 0)
    assert not noise.draw(np.random.default_rng(1), 5).round().any()


def test_short_runs_and_wrong_verdicts_tell_nothing():
    """A run too short to show memory, and one that is no clean run after all, are left out."""
    assert measure_noise([make_clean(1, points=8), make_clean(2, found=False)], "heap:blocks") is None
    assert measure_noise([make_clean(1)], "process:uss") is None
