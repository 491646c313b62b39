"""The CI step summary."""

from __future__ import annotations

import pytest

from soakproof.report.markdown import code, escape, escape_prose, render_markdown
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict


@pytest.mark.parametrize("verdict", ["bounded", "leak", "inconclusive", "invalid"])
def test_the_summary_reads_as_the_golden_one(verdict, check_golden):
    """Each verdict's summary is kept in full, so that what reviewers read changes on purpose only."""
    check_golden(f"{verdict}.md", render_markdown(make_run("bounded"), make_verdict(verdict)))


def test_a_hostile_name_stays_text():
    """A name with bars, backticks and tags neither breaks the table nor becomes markup."""
    finding = make_finding("registry:<img src=x>|`a``b`")
    row = next(
        line
        for line in render_markdown(make_run("bounded"), make_verdict("bounded", [finding])).split("\n")
        if "img" in line
    )
    assert "``` <img src=x>\\|`a``b` ```" in row
    assert row.replace("\\|", "").count("|") == 9


def test_escaping_leaves_nothing_that_markdown_would_act_on():
    """Text is escaped, code is fenced by more backticks than it has, commands in our sentences stay code."""
    assert escape("a_b*<c>\n@d") == "a\\_b\\*\\<c\\> \\@d"
    assert code("a``b") == "``` a``b ```"
    assert escape_prose("run `a --b` <now>") == "run `a --b` \\<now\\>"
