"""Comparisons in the terminal, for programs and for CI."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import msgspec
import pytest
from rich.console import Console

from soakproof.compare import Change, Comparison, Peak, compare_runs
from soakproof.errors import OutputError
from soakproof.report import render_comparison, write_comparison, write_comparison_page
from soakproof.report.comparison import choose, render_comparison_markdown
from soakproof.warningcodes import WarningCode, warn
from soakproof.wording.changes import say_worse
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import CULPRIT, make_finding

FINDINGS = {verdict: make_finding("registry:app.R", verdict) for verdict in ("bounded", "leak")}


def make_change(name, verdict="bounded", *, is_deciding=True, kind="registry", **fields):
    values: dict[str, Any] = {
        "base_per_connection": 0.0,
        "new_per_connection": 0.0,
        "difference": 0.0,
        "ci": (-0.0004, 0.0004),
    } | fields
    return Change(
        metric=f"{kind}:{name}",
        kind=kind,
        name=name,
        verdict=verdict,
        margin=0.005,
        unit="entries",
        finding=FINDINGS["leak" if verdict == "regression" else "bounded"],
        is_deciding=is_deciding,
        **values,
    )


@pytest.fixture
def regression():
    """Return a comparison in which locks are kept that were not before."""
    worse = {"new_per_connection": 1.0, "difference": 1.0, "ci": (0.98, 1.02), "culprit": CULPRIT}
    changes = [
        make_change("server.documents.locks", "regression", **worse),
        make_change("app.Lock", "regression", is_deciding=False, kind="type", **worse),
        *(make_change(f"app.R{number}") for number in range(20)),
    ]
    return Comparison(
        verdict="regression",
        exit_code=1,
        base_verdict="bounded",
        new_verdict="leak",
        changes=changes,
        peak=Peak(base_bytes_per_client=26_000.0, new_bytes_per_client=None),
        warnings=[warn(WarningCode.TEXT, text="ping shortened")],
    )


def say(comparison):
    stream = io.StringIO()
    render_comparison(comparison, Console(file=stream, width=120, color_system=None))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


def test_a_regression_reads_as_the_golden_one(regression, check_golden):
    """Verdict, changes, line and peak are kept in full."""
    check_golden("comparison.txt", say(regression))
    check_golden("comparison.md", render_comparison_markdown(regression))


def test_it_says_in_one_clause_by_how_much_it_is_worse(regression):
    """Bytes in use that surely grew, of C and by size of block, stand before the entries; a green one says nothing."""
    assert say_worse(regression) == "worse by 1.00 entries per connection, at server/documents.py:88"
    memory = [
        make_change("in_use_bytes", kind="heap", is_deciding=False, difference=64.0, ci=(40.0, 94.0)),
        make_change("144", kind="blocks", is_deciding=False, difference=1.0, ci=(0.99, 1.02)),
        make_change("32", kind="blocks", is_deciding=False, difference=0.2, ci=(-0.1, 0.4)),
        make_change("large", kind="blocks", is_deciding=False, difference=1.0, ci=(0.9, 1.1)),
    ]
    more = msgspec.structs.replace(regression, changes=[*regression.changes, *memory])
    assert say_worse(more) == "worse by 208 ± 30 B and 1.00 entries per connection, at server/documents.py:88"
    assert say_worse(msgspec.structs.replace(regression, changes=regression.changes[2:])) is None


def test_the_page_draws_both_runs_and_asks_for_nothing(tmp_path):
    """Each change that matters has a chart with both runs in it, and what only one has named is drawn of that one."""
    base, new = make_run("bounded", seed=9), make_run("leak")
    comparison = compare_runs(base, new)
    page = write_comparison_page(comparison, base, new, tmp_path).read_text()
    assert "<h1" in page
    assert "worse by" in page
    assert page.count("<svg") == min(len(choose(comparison.changes)), 12)
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)


def test_what_does_not_decide_alarms_nobody(regression):
    """A consequence is told without the mark of a regression, and without a line of its own."""
    text = say(regression)
    row = next(line for line in text.split("\n") if "app.Lock" in line)
    assert "told only" in row
    assert text.count("server/documents.py:88 in ") == 1


def test_the_files_are_the_comparison_and_its_summary(regression, tmp_path):
    """``comparison.json`` has the figures, ``comparison.md`` the words; a directory that is none is one sentence."""
    files = write_comparison(regression, tmp_path)
    assert [file.name for file in files] == ["comparison.json", "comparison.md"]
    document = json.loads(files[0].read_text())
    assert (document["verdict"], document["exit_code"], len(document["changes"])) == ("regression", 1, 22)
    with pytest.raises(OutputError, match="need a directory that can be written, with room in it"):
        write_comparison(regression, tmp_path / "missing")
