"""Soaks of days in the memory of one of minutes."""

import msgspec
import pytest

from soakproof import runfile
from soakproof.errors import RunFileError
from soakproof.judge import judge_run
from soakproof.measure.journal import Journal
from soakproof.runfile import encode, load_run
from soakproof.samples import Sample
from soakproof.thinning import ThinReader, is_mergeable, load_thin_run, merge_ticks
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import make_run

decode = runfile._decode


@pytest.fixture
def stored(tmp_path):
    """A leaking run as its file."""
    run = make_run("leak")
    records = [run.header, *run.metrics.values(), *run.samples, *run.waves, *run.settles, run.lines, run.end]
    (tmp_path / "run.jsonl").write_bytes(b"".join(encode(record) for record in records if record))
    return tmp_path


def tick(t_s, **fields):
    usual = {"t_s": t_s, "kind": "tick", "phase": "wave", "wave": 1, "pid": 1, "connections": 0, "metrics": {"a": t_s}}
    return msgspec.convert(usual | fields, Sample)


def test_ordinary_run_is_not_changed(stored):
    """A run within the limit is read as it is, from its directory or its file."""
    assert load_thin_run(stored) == load_run(stored)
    assert load_thin_run(stored / "run.jsonl") == load_run(stored)


def test_thinned_run_has_the_same_verdict_and_peaks(stored):
    """With a twentieth of the readings nothing that is judged has changed."""
    whole, thin = load_run(stored), load_thin_run(stored, most_readings=250)
    assert sum(map(is_mergeable, thin.samples)) < sum(map(is_mergeable, whole.samples)) / 5
    assert judge_run(thin).findings == judge_run(whole).findings
    rests = [[sample for sample in run.samples if not is_mergeable(sample)] for run in (whole, thin)]
    assert rests[0] == rests[1]


def test_ticks_of_one_bin_are_one_with_the_highest_readings():
    """The merged tick stands at the latest time with the highest of each reading, clients and lateness."""
    first = tick(1.0, clients=9, late_s=0.5, metrics={"a": 5.0, "b": 1.0})
    merged = merge_ticks([first, tick(2.0, clients=3, metrics={"a": 2.0, "b": 7.0}), tick(5.0)], 4.0)
    assert [sample.t_s for sample in merged] == [2.0, 5.0]
    assert (merged[0].metrics, merged[0].clients, merged[0].late_s) == ({"a": 5.0, "b": 7.0}, 9, 0.5)


def test_readings_that_come_and_go_are_all_kept():
    """Ticks with different names keep each name's highest."""
    merged = merge_ticks([tick(1.0, metrics={"a": 5.0}), tick(2.0, metrics={"a": 3.0, "b": 7.0})], 4.0)
    assert merged[0].metrics == {"a": 5.0, "b": 7.0}


def test_processes_waves_rests_and_the_drain_stay_apart():
    """Only ticks of one process, phase and wave are merged; the drain is evidence, second by second."""
    samples = [tick(1.0), tick(1.1, pid=2), tick(1.2, wave=2), tick(1.3, kind="rest"), tick(1.4, phase="steady")]
    samples += [tick(1.5, phase="drain"), tick(1.6, phase="drain")]
    assert merge_ticks(samples, 4.0) == samples


def test_broken_file_is_a_sentence(tmp_path):
    """A file without a header is refused as everywhere."""
    (tmp_path / "run.jsonl").write_bytes(encode(tick(1.0)))
    with pytest.raises(RunFileError, match="its first line is not a header"):
        load_thin_run(tmp_path)


def test_thinning_keeps_the_leak_named(stored):
    """The registry is still the first finding."""
    assert judge_run(load_thin_run(stored, most_readings=250)).findings[0].metric == LOCKS


def test_reading_on_decodes_each_line_once(tmp_path, monkeypatch):
    """A journal that is read whenever something is to be judged reads only what came since, and returns all of it."""
    decoded = []

    def count_and_decode(line, *where):
        decoded.append(line)
        return decode(line, *where)

    monkeypatch.setattr(runfile, "_decode", count_and_decode)
    run = make_run("leak")
    with Journal(tmp_path / "run.jsonl", run.header) as journal:
        for sample in run.samples:
            journal.write(sample)
            journal.read()
        assert len(decoded) == 1 + len(run.samples)
        assert journal.read().samples == run.samples
        journal.forget()
        assert journal.read().samples == run.samples
    assert len(decoded) == 2 * (1 + len(run.samples))


def test_reading_on_thins_as_reading_at_once_does(stored):
    """Where it was interrupted leaves no trace in what is read."""
    lines = (stored / "run.jsonl").read_bytes().splitlines(keepends=True)
    growing = stored / "growing.jsonl"
    growing.write_bytes(b"".join(lines[: len(lines) // 3]))
    reader = ThinReader(growing, most_readings=250)
    reader.read()
    with growing.open("ab") as stream:
        stream.writelines(lines[len(lines) // 3 :])
    assert reader.read() == load_thin_run(stored, most_readings=250)
