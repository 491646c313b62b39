"""``report.sarif``: leaks for code scanning, at their lines (SARIF 2.1.0, OASIS 2020)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from soakproof.judge.verdict import Verdict
from soakproof.report.files import write_file
from soakproof.report.located import Located, locate_causes
from soakproof.samples import Run
from soakproof.wording.advice import advise, say_headline
from soakproof.wording.culprits import name_culprit
from soakproof.wording.reasons import say_verdict_reason
from soakproof.wording.remedies import say_remedy

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULE = {
    "id": "leak",
    "name": "MemoryLeak",
    "shortDescription": {"text": "Clients that have gone leave something behind"},
    "fullDescription": {
        "text": "Over waves of clients that connect, work and leave, this grows with each connection, surely by more "
        "than the margin."
    },
    "defaultConfiguration": {"level": "error"},
    "properties": {"tags": ["memory", "leak"]},
}


def write_sarif(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``report.sarif``."""
    file = out / "report.sarif"
    return [write_file(file, msgspec.json.format(msgspec.json.encode(make_sarif(run, verdict)), indent=2) + b"\n")]


def make_sarif(run: Run, verdict: Verdict, directory: Path | None = None) -> dict[str, Any]:
    """Return the log: a result for each cause whose line is in the repository, a notification for what has none.

    Code scanning shows no result without a line, and refuses files that hold one.
    """
    located = list(locate_causes(run, verdict, directory))
    notes = [_notify(each.message, "error") for each in located if each.file is None]
    if verdict.verdict in {"inconclusive", "invalid"}:
        notes.append(_notify(f"{say_headline(run, verdict)} {say_verdict_reason(verdict)}", "warning"))
    invocation = {
        "executionSuccessful": verdict.verdict != "invalid",
        "exitCode": verdict.exit_code,
        "toolExecutionNotifications": notes,
    }
    driver = {"name": "soakproof", "version": run.header.soakproof, "rules": [RULE]}
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, run) for each in located if each.file],
                "properties": {"verdict": verdict.verdict, "advice": advise(run, verdict)},
            }
        ],
    }


def _notify(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": text}}


def _result(located: Located, run: Run) -> dict[str, Any]:
    """Return a result; its fingerprint is the metric's, so that a leak stays one while lines move."""
    finding = located.finding
    remedy = say_remedy(finding, run.metrics.get(finding.metric))
    place = {"artifactLocation": {"uri": located.file}, "region": {"startLine": located.line}}
    return {
        "ruleId": RULE["id"],
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": f"{located.message}\n{remedy}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": name_culprit(finding)}]}],
        "partialFingerprints": {"soakproof/metric/v1": hashlib.sha256(finding.metric.encode()).hexdigest()[:32]},
        "properties": {
            "metric": finding.metric,
            "unit": f"{finding.unit} per {finding.per}",
            "growth": finding.per_connection,
            "interval": list(finding.ci),
        },
    }
