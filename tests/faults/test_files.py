"""Files that are broken, or made up: an error with file and line, never a traceback, never a wrong green."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from soakproof.compare import compare_runs
from soakproof.errors import RunFileError
from soakproof.judge import judge_run
from soakproof.report import write_comparison, write_reports
from soakproof.runfile import load_run
from soakproof.thinning import load_thin_run
from tests.faults.drawing import BOUNDED, LEAK
from tests.faults.fuzzing import run_inputs
from tests.faults.inputs import FUZZED, judged

INPUTS = int(os.environ.get("SOAKPROOF_FUZZ", "400"))  # of each kind that is only read; `make fuzz` tries 100,000
JUDGED = max(INPUTS // 25, 40)  # of what is judged too, which takes fifty times as long
PROMISE = "an error that names file and line, or a verdict; never a traceback, never a wrong green"


FAULTS = {
    "a record of run.jsonl": "a record of run.jsonl has any value, or any bytes",
    "a configuration file": "a configuration file of any text, as soakproof.toml and as pyproject.toml",
    "a packed run.jsonl.gz": "bytes of a packed run.jsonl.gz are changed",
    "a preset's options": "what a preset says, in a configuration file, with other values",
    "a whole run, judged": "values and bytes of a whole run are changed",
    "a whole run, in all reports": "such a run, told in every format without pictures, compared and repeated",
}
PROMISES = {
    "a record of run.jsonl": "read, or refused with file and line",
    "a configuration file": "one sentence, exit code 2; never a traceback",
    "a packed run.jsonl.gz": "read, or refused with the file",
    "a preset's options": "one sentence, exit code 2; never a traceback",
    "a whole run, judged": PROMISE,
    "a whole run, in all reports": "reports, or one sentence; never a traceback",
}
SHARES = {
    "a whole run, judged": 0.1,
    "a whole run, in all reports": 0.04,
    "a configuration file": 0.5,
    "a preset's options": 0.25,
}


def made_up(what, share):
    """Return a case: so many inputs of a kind, and what is promised of them."""
    mark = pytest.mark.fault("files", FAULTS[what], PROMISES[what])
    return pytest.param(what, max(round(INPUTS * share), 16), marks=mark, id=what.replace(" ", "-"))


@pytest.mark.parametrize(("what", "inputs"), [made_up(what, SHARES.get(what, 1.0)) for what in FUZZED])
@pytest.mark.timeout(3000)
def test_made_up(happened, what, inputs):
    """Each input is read as a user's would be; both ends are among what comes of them."""
    outcomes = Counter()
    run_inputs(what, inputs, None, outcomes.update)
    assert len(outcomes) > 1, outcomes  # else only one kind of input was tried
    words = ", ".join(f"{number:,} {word}" for word, number in outcomes.items())
    happened(f"{sum(outcomes.values()):,} inputs: {words}; `make fuzz` tries more of them")


@pytest.mark.fault("files", "other files of a run, where a run is asked for", "one sentence that names the file")
def test_files_that_are_no_run(tmp_path, happened):
    """verdict.json, comparison.json, report.sarif, junit.xml and pages are written, and never read."""
    (tmp_path / "run.jsonl").write_bytes(b"".join(LEAK))
    run = load_run(tmp_path)
    verdict = judge_run(run)
    write_reports(run, verdict, tmp_path, ["json", "md", "junit", "sarif"])
    write_comparison(compare_runs(run, run), tmp_path)
    others = [path for path in tmp_path.iterdir() if path.name != "run.jsonl"]
    assert {"verdict.json", "comparison.json", "report.sarif", "junit.xml"} <= {path.name for path in others}
    for path in others:
        with pytest.raises(RunFileError, match=re.escape(str(path))):
            load_thin_run(path)
    happened(f"{len(others)} files refused")


def is_needed(record):
    """Whether a run is not whole without a record."""
    return record["record"] in {"header", "end"} or (record["record"] == "wave" and record["phase"] == "wave")


@pytest.mark.fault("files", "run.jsonl breaks off at any byte, or lacks any record", "never bounded, unless whole")
@pytest.mark.timeout(3000)
def test_a_run_that_is_not_whole(tmp_path, happened):
    """What was cut off, or taken out, is missed: the clean run is bounded only with all of its readings."""
    file, whole = tmp_path / "run.jsonl", b"".join(BOUNDED)
    needed = [at for at, line in enumerate(BOUNDED) if is_needed(json.loads(line))]

    @settings(max_examples=JUDGED, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(whole) - 1), st.sampled_from(needed))
    @example(len(whole) - 1, needed[-1])
    def fuzz(length, without):
        file.write_bytes(whole[:length])
        assert judged(file)[0] != "bounded"
        file.write_bytes(b"".join(line for at, line in enumerate(BOUNDED) if at != without))
        assert judged(file)[0] != "bounded"

    file.write_bytes(whole)
    assert judged(file)[0] == "bounded"
    fuzz()
    happened(f"{JUDGED:,} lengths, and each record in turn: none was bounded")


REPORTS = Path(__file__).resolve().parents[2] / "reports"
STORED = sorted(path for kept in ("baselines", "reference") for path in (REPORTS / kept).rglob("run.jsonl*"))


@pytest.mark.fault("files", "runs that earlier versions have stored", "they are read and judged")
def test_stored_runs_are_read(happened):
    """One that is kept for each way in which the schema has ever been written."""
    smallest = sorted(STORED, key=lambda path: path.stat().st_size)[:6]
    assert smallest
    schemas = set()
    for path in smallest:
        run = load_run(path)
        schemas.add(run.header.schema)
        assert judge_run(run).verdict
    happened(f"{len(smallest)} runs, schema {', '.join(map(str, sorted(schemas)))}")
