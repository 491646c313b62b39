"""Reading a soak of days in the memory of one of minutes: ticks are merged into bins, keeping each metric's highest.

Rest points, and the drain, whose timing is evidence, stay as they are. A run of ordinary length is not changed at all.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from soakproof.runfile import add, find_run, gather, read_records
from soakproof.samples import Run, Sample

MOST_READINGS = 1_000_000
FIRST_BIN_S = 4.0
WIDER = 4.0


def load_thin_run(path: Path, most_readings: int = MOST_READINGS) -> Run:
    """Read a stored run, given its file or its directory, keeping about so many readings of ticks at most.

    Whenever there are more, ticks are merged into bins, four times as wide each time.

    Raises:
        RunFileError: as `soakproof.runfile.load_run`.
    """
    file = find_run(path)
    records = read_records(file)
    run = gather(islice(records, 1), str(file))
    names: dict[str, str] = {}
    readings, bin_s = 0, FIRST_BIN_S
    for record in records:
        add(run, record)
        if not isinstance(record, Sample):
            continue
        if record.kind == "rest":
            record.metrics = {names.setdefault(name, name): value for name, value in record.metrics.items()}
        readings += len(record.metrics) if is_mergeable(record) else 0
        if readings > most_readings:
            run.samples = merge_ticks(run.samples, bin_s)
            readings = sum(len(sample.metrics) for sample in run.samples if is_mergeable(sample))
            bin_s *= WIDER
    return run


def is_mergeable(sample: Sample) -> bool:
    """Whether a sample may be merged with its neighbours."""
    return sample.kind == "tick" and sample.phase != "drain"


def merge_ticks(samples: list[Sample], bin_s: float) -> list[Sample]:
    """Return the samples with the ticks of each process, phase and wave that fall into one bin of seconds made one.

    It stands at the latest of their times, with the highest of each reading, so that no peak is lost.
    """
    bins: dict[object, list[Sample]] = {}
    for sample in samples:
        if is_mergeable(sample):
            key: object = (sample.pid, sample.phase, sample.wave, sample.t_s // bin_s)
        else:
            key = id(sample)
        bins.setdefault(key, []).append(sample)
    return [_merge(ticks) if len(ticks) > 1 else ticks[0] for ticks in bins.values()]


def _merge(ticks: list[Sample]) -> Sample:
    return msgspec.structs.replace(
        ticks[-1],
        clients=max(tick.clients for tick in ticks),
        late_s=max(tick.late_s for tick in ticks),
        metrics=_highest([tick.metrics for tick in ticks]),
    )


def _highest(readings: list[dict[str, float]]) -> dict[str, float]:
    """Return the highest of each reading; as rows of one table where the names agree, which is nearly always."""
    names = list(readings[0])
    if all(list(metrics) == names for metrics in readings[1:]):
        table = [np.fromiter(metrics.values(), float, len(names)) for metrics in readings]
        return dict(zip(names, np.max(table, axis=0).tolist(), strict=True))
    highest: dict[str, float] = {}
    for metrics in readings:
        highest |= {name: max(value, highest.get(name, value)) for name, value in metrics.items()}
    return highest
