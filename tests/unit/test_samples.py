"""run.jsonl: what is written is what is read, and a broken file is refused in a sentence."""

from __future__ import annotations

import msgspec
import pytest

from soakproof.errors import RunFileError
from soakproof.measure.journal import Journal
from soakproof.metrickinds import kind_of, unit_of
from soakproof.plans import Plan, TargetInfo
from soakproof.runfile import load_run
from soakproof.samples import End, Header, Metric, Sample


def make_header(**changes):
    target = TargetInfo(command=["app"], url="http://127.0.0.1:1", python="3.11.7", versions={}, pids=[1])
    plan = Plan(waves=1, clients=1, warmup=1, steady_s=0, rate=1, drops={"close": 1.0})
    return Header(soakproof="0", started_at="2026-01-01T00:00:00+00:00", seed=1, target=target, plan=plan, **changes)


def make_sample(**changes):
    usual = {"t_s": 1.0, "kind": "rest", "phase": "wave", "pid": 1, "connections": 5, "metrics": {"task:total": 2.0}}
    return msgspec.convert(usual | changes, Sample)


def write_run(file, *records):
    with Journal(file, make_header()) as journal:
        for record in records:
            journal.write(record)
        return journal.read()


def test_a_stored_run_is_read_back_as_it_was(tmp_path):
    """The run that the journal keeps at hand equals the one that is read from its file."""
    records = [make_sample(), Metric(metric="registry:app.X", owner="app:X"), End(t_s=2.0, outcome="completed")]
    kept = write_run(tmp_path / "run.jsonl", *records)
    assert load_run(tmp_path) == kept
    assert load_run(tmp_path / "run.jsonl").samples == [make_sample()]


def test_what_each_process_says_of_a_metric_is_kept(tmp_path):
    """The first to speak of a metric describes it; each keeps the size of its own first census; others have none."""
    name = "registry:app.X"
    said = [Metric(metric=name, pid=1, owner="app:X", reference=10.0), Metric(metric=name, pid=2, reference=40.0)]
    run = write_run(tmp_path / "run.jsonl", *said)
    assert run.metrics == {name: said[0]}
    assert [run.reference(name, pid) for pid in (1, 2, 3)] == [10.0, 40.0, 0.0]


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path):
    """Everything before the half-written last line is kept."""
    file = tmp_path / "run.jsonl"
    write_run(file, make_sample())
    with file.open("ab") as stream:
        stream.write(b'{"record":"sample","t_s":')
    assert len(load_run(file).samples) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "first line is not a header"),
        ("not json\n", ":1: not a record"),
        ('{"record":"end","t_s":1,"outcome":"completed"}\n', "first line is not a header"),
        ('{"record":"nonsense"}\n', ":1: not a record"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, text, sentence):
    """Each way a file can be no run says where and what."""
    file = tmp_path / "run.jsonl"
    file.write_text(text)
    with pytest.raises(RunFileError) as caught:
        load_run(file)
    assert sentence in str(caught.value)


def test_a_missing_run_is_refused(tmp_path):
    """A directory without a run.jsonl says what is needed."""
    with pytest.raises(RunFileError, match=r"need a run\.jsonl"):
        load_run(tmp_path)


def test_a_run_of_another_schema_is_refused(tmp_path):
    """A later schema is not guessed at."""
    with Journal(tmp_path / "run.jsonl", make_header(schema=99)):
        pass
    with pytest.raises(RunFileError, match="schema 99, need 1"):
        load_run(tmp_path)


def test_kind_and_unit_follow_from_the_name():
    """The kind stands in front of the colon, and the unit follows from it."""
    assert (kind_of("registry:app.X"), unit_of("registry:app.X")) == ("registry", "entries")
    assert [unit_of(name) for name in ("heap:blocks", "heap:in_use_bytes", "process:rss")] == [
        "blocks",
        "bytes",
        "bytes",
    ]
    with pytest.raises(RunFileError, match="need one of registry"):
        kind_of("nonsense:app.X")
