"""Several processes as one: readings of a target's workers, added up. Here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from soakproof.samples import Sample

Array = npt.NDArray[np.float64]


def add_up(readings: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return each metric's sum over the readings of several processes; where one has it not, it counts as 0."""
    total: dict[str, float] = {}
    for reading in readings:
        for name, value in reading.items():
            total[name] = total.get(name, 0.0) + value
    return total


def add_columns(columns: Mapping[int, Array]) -> Array:
    """Return the sum of one metric's values, shape (points,), over the processes by whose pid they are given."""
    return np.sum([*columns.values()], axis=0) if columns else np.zeros(0)


def add_standing(samples: Iterable[Sample], metric: str, *, by_target: bool = False) -> tuple[Array, Array]:
    """Return times in seconds and values of one metric, summed over the processes, which are read one after another.

    A reading stands until the next of the same process. With ``by_target`` times are by the target's own clock.
    """
    latest: dict[int, float] = {}
    times, values = [], []
    for sample in samples:
        if metric in sample.metrics:
            latest[sample.pid] = sample.metrics[metric]
            times.append(sample.t_s + (sample.ahead_s if by_target else 0.0))
            values.append(sum(latest.values()))
    return np.array(times), np.array(values)
