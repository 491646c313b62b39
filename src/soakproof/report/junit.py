"""``junit.xml``: a test case per metric and one for the run; red exactly when the exit code is not 0."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from soakproof.judge.verdict import Finding, Verdict
from soakproof.report.files import write_file
from soakproof.samples import Run
from soakproof.wording.advice import say_headline
from soakproof.wording.culprits import main_site, say_site
from soakproof.wording.findings import say_reason
from soakproof.wording.names import say_verdict
from soakproof.wording.reasons import say_verdict_reason


def write_junit(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``junit.xml``."""
    suite = TestSuite("soakproof")
    suite.add_testcase(_run_case(run, verdict))
    suite.add_testcases([_metric_case(finding, verdict) for finding in verdict.findings])
    suite.add_property("seed", str(verdict.seed))
    suite.add_property("connections", str(verdict.connections))
    xml = JUnitXml()
    xml.add_testsuite(suite)
    written = BytesIO()
    xml.write(written, pretty=True)
    return [write_file(out / "junit.xml", written.getvalue())]


def _run_case(run: Run, verdict: Verdict) -> TestCase:
    case = TestCase("verdict", "soakproof.run", verdict.duration_s)
    message = f"{say_headline(run, verdict)} {say_verdict_reason(verdict)}"
    if verdict.verdict == "invalid":
        case.result = [_outcome(Error, verdict.verdict, message)]
    elif verdict.exit_code:
        case.result = [_outcome(Failure, verdict.verdict, message)]
    return case


def _metric_case(finding: Finding, verdict: Verdict) -> TestCase:
    """Return a metric's case: failed if it is why the build is red, skipped if it is open and not why."""
    case = TestCase(printable(finding.name), f"soakproof.{finding.kind}")
    if finding.verdict == "bounded":
        return case
    is_reason = finding.is_deciding and verdict.exit_code != 0
    red = Error if verdict.verdict == "invalid" else Failure
    case.result = [_outcome(red if is_reason else Skipped, say_verdict(finding), _explain(finding))]
    return case


def _explain(finding: Finding) -> str:
    site = main_site(finding)
    return f"{say_reason(finding)}; {say_site(site)}" if site else say_reason(finding)


def _outcome(kind: Any, what: str, message: str) -> Any:
    outcome = kind(message=printable(message), type_=what)
    outcome.text = printable(message)
    return outcome


def printable(text: str) -> str:
    """Return the text without the control characters that XML cannot carry."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)
