"""Runs that were stored before warnings and kinds of memory had codes are read as they were written."""

from __future__ import annotations

import pytest

from soakproof.culprits import Culprit
from soakproof.judge import judge_run
from soakproof.runfile import encode, load_run
from soakproof.samples import Diagnosis, Warned
from soakproof.warningcodes import RunWarning, WarningCode
from soakproof.wording import say_warning
from soakproof.wording.view import view_verdict
from tests.synthetic_runs import make_run


def store(run, *lines):
    """Return a run read back from a file, with further lines in it."""
    records = [run.header, *run.metrics.values(), *run.samples, *run.waves, *run.settles, run.end]
    return b"".join(encode(record).rstrip(b"\n") + b"\n" for record in records[:-1]) + b"".join(lines) + encode(run.end)


@pytest.fixture
def native(tmp_path):
    """Return a native leak as it was stored: a warning in words, and the kind of memory where the owner stands."""
    told = b'{"record":"warning","t_s":1.0,"message":"ping interval shortened from 25 s to 2 s"}\n'
    named = Diagnosis(metric="process:uss", culprit=Culprit(owner="native memory", note="C code"))
    file = tmp_path / "run.jsonl"
    file.write_bytes(store(make_run("native"), told, encode(named).rstrip(b"\n") + b"\n"))
    return load_run(file)


def test_a_warning_in_words_is_said_in_the_same_words(native):
    """Its code is that of a text."""
    assert [say_warning(warning) for warning in native.warnings] == ["ping interval shortened from 25 s to 2 s"]
    assert native.warnings[0].code == WarningCode.TEXT


def test_the_kind_of_memory_is_read_from_the_owners_words(native):
    """No owner is left, and ``verdict.json`` says it as it did."""
    culprit = native.diagnoses["process:uss"].culprit
    assert (culprit.owner, culprit.memory, culprit.note) == ("", "native", "C code")
    findings = {finding["metric"]: finding for finding in view_verdict(judge_run(native))["findings"]}
    found = findings["process:uss"]
    assert (found["culprit"]["owner"], found["memory"]) == ("native memory", "native")
    assert found["reason"].endswith(": native memory")


def test_a_container_may_be_called_as_a_kind_of_memory_was(tmp_path):
    """Only totals of bytes ever had words for an owner."""
    named = Diagnosis(metric="registry:x", culprit=Culprit(owner="native memory"))
    file = tmp_path / "run.jsonl"
    file.write_bytes(store(make_run(), encode(named).rstrip(b"\n") + b"\n"))
    assert load_run(file).diagnoses["registry:x"].culprit.owner == "native memory"


def test_a_warning_with_a_code_comes_back_with_its_values(tmp_path):
    """What is written now is code and values, and no sentence."""
    line = encode(Warned(t_s=1.0, code=WarningCode.EXTENDED, values={"waves": 8, "more": 3}))
    assert b"message" not in line
    file = tmp_path / "run.jsonl"
    file.write_bytes(store(make_run(), line.rstrip(b"\n") + b"\n"))
    assert load_run(file).warnings == [RunWarning(code=WarningCode.EXTENDED, values={"waves": 8, "more": 3})]
