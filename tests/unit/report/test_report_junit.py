"""``junit.xml`` is red exactly when the exit code is not 0."""

from __future__ import annotations

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from soakproof.report import write_reports
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import leak_of_locks, make_finding, make_verdict


def read_back(verdict, tmp_path):
    write_reports(make_run("bounded"), verdict, tmp_path, ["junit"])
    (suite,) = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    return suite, {(case.classname, case.name): case.result for case in suite}


@pytest.mark.parametrize("name", ["bounded", "leak", "inconclusive", "invalid"])
@pytest.mark.parametrize("exit_code", [None, 0])
def test_it_is_red_exactly_when_the_exit_code_is(name, exit_code, tmp_path):
    """Whatever the verdict, and whatever --fail-on forgives, CI sees the colour that the exit code says."""
    if exit_code == 0 and name in {"leak", "invalid"}:
        exit_code = None
    verdict = make_verdict(name, exit_code=exit_code)
    suite, _ = read_back(verdict, tmp_path)
    assert bool(suite.failures + suite.errors) == bool(verdict.exit_code)


def test_there_is_a_case_per_metric_and_one_for_the_run(tmp_path):
    """Every finding is a test case of its kind's class."""
    verdict = make_verdict("leak")
    _, cases = read_back(verdict, tmp_path)
    assert set(cases) == {
        ("soakproof.run", "verdict"),
        *((f"soakproof.{finding.kind}", finding.name) for finding in verdict.findings),
    }


def test_a_leak_fails_with_its_line_and_its_consequences_are_skipped(tmp_path):
    """The cause is red and names the line; what follows from it is no second failure."""
    _, cases = read_back(make_verdict("leak"), tmp_path)
    (failure,) = cases["soakproof.registry", "server.documents.locks"]
    assert isinstance(failure, Failure)
    assert "server/documents.py:88 in lock_document" in failure.message
    (skipped,) = cases["soakproof.heap", "blocks"]
    assert isinstance(skipped, Skipped)


def test_an_invalid_run_is_an_error_and_no_failure(tmp_path):
    """A run that cannot be judged is told apart from one that failed."""
    _, cases = read_back(make_verdict("invalid", [leak_of_locks()]), tmp_path)
    assert [type(cases[key][0]) for key in cases] == [Error, Error]


def test_names_that_xml_cannot_carry_are_made_printable(tmp_path):
    """A control character in a registry's key does not make the file unreadable."""
    few = {"rule": "too few", "values": {"points": 4.0, "needed": 5.0}}
    finding = make_finding("registry:key \x00\x1b[31m <&>", "inconclusive", **few)
    _, cases = read_back(make_verdict("inconclusive", [finding]), tmp_path)
    assert "<&>: 4 settled" in cases["soakproof.registry", "key \ufffd\ufffd[31m <&>"][0].message
