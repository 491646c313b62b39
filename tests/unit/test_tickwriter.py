"""A day of ticks: tens of megabytes, and no peak is lost."""

from __future__ import annotations

import pytest

from soakproof.measure.journal import Journal
from soakproof.measure.tickwriter import BYTES_PER_S, FREE_BYTES, TickWriter
from soakproof.runfile import load_run
from soakproof.samples import Sample
from tests.synthetic_runs import make_run

METRICS = [f"library:server.manager.of_a_usual_length_{number}" for number in range(40)]  # as a run of 200 ticks
DAY_S, WAVE_S, TICK_S = 86_400.0, 15.0, 2.5


def tick(t_s, wave=1, phase="wave", **readings):
    metrics = {**dict.fromkeys(METRICS, 1.0), **readings}
    return Sample(t_s=t_s, kind="tick", phase=phase, wave=wave, pid=1, connections=0, metrics=metrics)


@pytest.fixture
def journal(tmp_path):
    """The journal of a run."""
    with Journal(tmp_path / "run.jsonl", make_run("bounded").header) as journal:
        yield journal


def test_a_day(journal):
    """Within the allowance and what is due at the end of each wave; the highest of each wave's readings is there."""
    writer, peaks = TickWriter(journal), {}
    for number in range(int(DAY_S / TICK_S)):
        t_s = number * TICK_S
        wave, is_last = int(t_s // WAVE_S), t_s % WAVE_S >= WAVE_S - TICK_S
        reading = float(number * 7919 % 1000)
        peaks[wave] = max(reading, peaks.get(wave, 0.0))
        writer.write([tick(t_s, wave, rooms=reading)], is_due=is_last)
    writer.flush()
    due_bytes = DAY_S / WAVE_S * 2200
    assert journal.file.stat().st_size < FREE_BYTES + max(BYTES_PER_S * DAY_S, due_bytes) + 1_000_000
    samples = load_run(journal.file).samples
    assert [sample.t_s for sample in samples] == sorted(sample.t_s for sample in samples)
    found = {}
    for sample in samples:
        found[sample.wave] = max(sample.metrics["rooms"], found.get(sample.wave, 0.0))
    assert found == peaks


def test_the_first_hour_is_written_as_it_is_read(journal):
    """Nothing is merged, and nothing waits."""
    writer = TickWriter(journal)
    for number in range(100):
        writer.write([tick(0.5 * number)], is_due=False)
    assert len(load_run(journal.file).samples) == 100


def test_what_is_kept_is_written_before_what_comes_after_it(journal, monkeypatch):
    """Phases and waves are not mixed, and the drain is never merged."""
    monkeypatch.setattr("soakproof.measure.tickwriter.FREE_BYTES", -1_000_000)
    writer = TickWriter(journal)
    for sample in (tick(1.0), tick(2.0, rooms=5.0), tick(3.0, wave=2), tick(4.0, phase="steady", wave=2)):
        writer.write([sample], is_due=False)
    assert [sample.t_s for sample in load_run(journal.file).samples] == [2.0, 3.0]
    for t_s in (5.0, 6.0):
        writer.write([tick(t_s, phase="drain", wave=None)], is_due=False)
    samples = load_run(journal.file).samples
    assert [(sample.t_s, sample.phase) for sample in samples[2:]] == [(4.0, "steady"), (5.0, "drain"), (6.0, "drain")]
    assert samples[0].metrics["rooms"] == 5.0
