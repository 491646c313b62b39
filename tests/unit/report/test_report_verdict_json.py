"""``verdict.json`` keeps the contract that CI scripts depend on."""

from __future__ import annotations

import json

import pytest

from soakproof.report import write_reports
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict

TOP = {
    *("schema", "verdict", "exit_code", "reason", "connections", "peak_clients", "duration_s", "seed", "drops"),
    *("findings", "load", "target", "warnings"),
}
FINDING = {
    *("metric", "kind", "name", "verdict", "per_connection", "ci", "confidence", "margin", "unit"),
    *("first", "last", "peak", "bound", "lingers_s", "reason"),
}
CULPRIT = {"owner", "retainers", "types", "sites"}
SITE = {"file", "line", "function", "per_connection_bytes"}


@pytest.fixture
def document(tmp_path):
    """Return the file of a leak, read back."""
    (file,) = write_reports(make_run("leak"), make_verdict("leak"), tmp_path, ["json"])
    assert file.name == "verdict.json"
    return json.loads(file.read_text())


def test_it_has_every_key_of_the_contract(document):
    """All keys that the brief fixes are there, at every depth."""
    first = document["findings"][0]
    assert set(document) >= TOP
    assert all(set(finding) >= FINDING for finding in document["findings"])
    assert set(first["culprit"]) >= CULPRIT
    assert set(first["culprit"]["sites"][0]) >= SITE
    assert set(first["culprit"]["types"][0]) == {"name", "per_connection"}
    assert {"rate_achieved", "rate_intended", "failures", "cpu_ms_per_connection"} <= set(document["load"])
    assert {"command", "python", "versions", "pids"} <= set(document["target"])


def test_a_culprit_of_whom_little_is_known_has_every_key_all_the_same(tmp_path):
    """Of native memory there is no chain, no type and no line, and a program still finds the empty lists."""
    native = make_finding("heap:in_use_bytes", "leak", culprit={"memory": "native"})
    (file,) = write_reports(make_run("native"), make_verdict("leak", [native]), tmp_path, ["json"])
    culprit = json.loads(file.read_text())["findings"][0]["culprit"]
    assert set(culprit) >= CULPRIT
    assert culprit["owner"] == "native memory"
    assert (culprit["retainers"], culprit["types"], culprit["sites"]) == ([], [], [])


def test_its_figures_are_numbers_and_not_text(document):
    """Machine output is not formatted for people."""
    assert document["schema"] == 1
    assert document["findings"][0]["ci"] == [0.9817, 1.0186]
    assert document["findings"][0]["bound"] is None
    assert document["exit_code"] == 1
