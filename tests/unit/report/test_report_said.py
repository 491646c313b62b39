"""What is said of memory in sentences, below the figures, stands in every report that a person reads."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from rich.console import Console

from soakproof.judge.account import PARTS
from soakproof.judge.verdict import Emptying, MemoryAccount, Strain
from soakproof.report.charts import Charts
from soakproof.report.html import render_html
from soakproof.report.markdown import render_markdown
from soakproof.report.text import render_text
from tests.synthetic_drafts import MIB
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict

NONE = dict.fromkeys(PARTS, 0.0)
ACCOUNT = MemoryAccount(
    first=NONE,
    last=NONE | {"heap_free": 40.0 * MIB},
    arenas=14,
    thread_stacks=2,
    trimmed=0.0,
    garbage=0.0,
    garbage_objects=0,
    keeper="allocator",
)
STRAIN = Strain(wave=3, clients=20, seconds=9.6, bytes_before=80.0 * MIB, bytes_more=20.0 * MIB, is_rising=False)


def print_text(run, verdict):
    """Return what the terminal shows."""
    printed = io.StringIO()
    render_text(run, verdict, Console(file=printed, width=400))
    return printed.getvalue()


def print_page(run, verdict):
    """Return what a browser shows, without its tags."""
    return re.sub(r"<[^>]*>", "", render_html(Charts(run, verdict), "run.jsonl"))


@pytest.mark.parametrize("render", [print_text, print_page, render_markdown])
def test_where_memory_lies_what_time_empties_and_what_strain_took_are_said(render):
    """One report had all three, and the page lost one of them with no test to tell."""
    emptied = make_finding("registry:app.TABLE", verdict="bounded")
    emptied.emptying = Emptying(after_s=120.0, by_s=600.0)
    verdict = msgspec.structs.replace(make_verdict("bounded", [emptied]), account=ACCOUNT, strain=STRAIN)
    said = render(make_run(), verdict).replace("\\", "")
    assert "40.0 MiB held free by malloc in 14 arenas" in said
    assert "empties between 2 min and 10 min after the last connection" in said
    assert "20.0 MiB more than before" in said
