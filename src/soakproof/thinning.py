"""Reading a soak of days in the memory of one of minutes: ticks are merged into bins, keeping each metric's highest.

Rest points, and the drain, whose timing is evidence, stay as they are. A run of ordinary length is not changed at all.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from soakproof.runfile import RecordReader, add, find_run, gather
from soakproof.samples import Run, Sample

MOST_READINGS = 1_000_000
FIRST_BIN_S = 4.0
WIDER = 4.0


class ThinReader:
    """Reads a run that is stored, or still being written, keeping about so many readings of ticks at most.

    Whenever there are more, ticks are merged into bins, four times as wide each time.
    """

    def __init__(self, path: Path, most_readings: int = MOST_READINGS) -> None:
        self._file = find_run(path)
        self._records = RecordReader(self._file)
        self._most_readings = most_readings
        self._run: Run | None = None
        self._names: dict[str, str] = {}
        self._readings, self._bin_s = 0, FIRST_BIN_S

    def read(self) -> Run:
        """Read on, and return all that was read so far: the same `Run` each time, with what came since.

        Raises:
            RunFileError: as `soakproof.runfile.load_run`.
        """
        records = self._records.read_on()
        run = self._run or gather(islice(records, 1), str(self._file))
        self._run = run
        for record in records:
            add(run, record)
            if isinstance(record, Sample):
                self._thin(run, record)
        return run

    def _thin(self, run: Run, added: Sample) -> None:
        if added.kind == "rest":
            added.metrics = {self._names.setdefault(name, name): value for name, value in added.metrics.items()}
        self._readings += len(added.metrics) if is_mergeable(added) else 0
        if self._readings > self._most_readings:
            run.samples = merge_ticks(run.samples, self._bin_s)
            self._readings = sum(len(sample.metrics) for sample in run.samples if is_mergeable(sample))
            self._bin_s *= WIDER


def load_thin_run(path: Path, most_readings: int = MOST_READINGS) -> Run:
    """Read a stored run, given its file or its directory, as `ThinReader` does.

    Raises:
        RunFileError: as `soakproof.runfile.load_run`.
    """
    return ThinReader(path, most_readings).read()


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
    return [merge(ticks) if len(ticks) > 1 else ticks[0] for ticks in bins.values()]


def merge(ticks: list[Sample]) -> Sample:
    """Return ticks of one process as one: the last of them, with the highest of each reading."""
    return msgspec.structs.replace(
        ticks[-1],
        clients=max(tick.clients for tick in ticks),
        straining=max(tick.straining for tick in ticks),
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
