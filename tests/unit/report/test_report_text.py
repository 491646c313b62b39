"""The report in the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from soakproof.report import render_text
from tests.synthetic_runs import make_run
from tests.unit.report.made_verdicts import make_finding, make_verdict

RUNS = {"bounded": "lingering", "leak": "leak", "inconclusive": "inconclusive", "invalid": "died"}


def say(verdict, run=None, **options):
    stream = io.StringIO()
    console = Console(file=stream, color_system=None, legacy_windows=False, **options)
    render_text(run or make_run(RUNS[verdict.verdict]), verdict, console)
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


@pytest.mark.parametrize("verdict", RUNS)
def test_the_report_reads_as_the_golden_one(verdict, check_golden):
    """Each verdict's report is kept in full, so that what users read changes on purpose only."""
    check_golden(f"{verdict}.txt", say(make_verdict(verdict), width=120))


def test_verdict_comes_first_then_culprit_then_registries():
    """A reader who stops after three lines knows who leaks and where."""
    lines = say(make_verdict("leak"), width=120).split("\n")
    assert "LEAK" in lines[1]
    text = "\n".join(lines)
    order = [text.index(part) for part in ("LEAK", "server/documents.py:88", "held by", "registries  ", "connections")]
    assert order == sorted(order)


def test_a_log_gets_full_width_and_a_narrow_terminal_gets_fewer_columns():
    """A log claims 80 columns and has more; a terminal of 80 has no more."""
    in_log = say(make_verdict("bounded"), width=80, force_terminal=False)
    in_terminal = say(make_verdict("bounded"), width=80, force_terminal=True)
    assert "lingers" in in_log
    assert "peak" not in in_terminal
    table = in_terminal[in_terminal.index("registries") :].split("\n\n")[0]
    assert max(map(len, table.split("\n"))) <= 80


def test_a_long_name_leaves_room_for_its_figures():
    """A registry's name loses its middle so that the verdict still stands on its line."""
    name = "a_package.with_a.long_module:Registry.with_a_name_that_goes_on"
    text = say(make_verdict("bounded", [make_finding(f"registry:{name}")]), width=80, force_terminal=True)
    (row,) = [line for line in text.split("\n") if "_name_that_goes_on" in line or "…" in line]
    assert "…" in row
    assert row.rstrip().endswith("● bounded")
    assert len(row.rstrip()) <= 80


def test_an_ascii_terminal_gets_ascii():
    """Where the terminal knows no more than ASCII, the report says the same without a glyph that cannot be printed."""
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="ascii"), width=120, color_system=None)
    render_text(make_run("leak"), make_verdict("leak"), console)
    console.file.flush()
    assert b"! LEAK" in raw.getvalue()
    assert b"`- server.documents:locks (dict)" in raw.getvalue()


def test_names_from_the_target_are_never_read_as_markup():
    """A registry called like rich's markup is printed as it is called."""
    name = "registry:app.ROOMS[/bold][red]x[/red]"
    text = say(make_verdict("leak", [make_finding(name, "leak", per_connection=1.0, ci=(0.9, 1.1))]), width=120)
    assert "app.ROOMS[/bold][red]x[/red]" in text


def test_many_registries_are_cut_with_a_word_on_the_rest():
    """Sixty registries do not fill the screen three times over."""
    findings = [make_finding(f"registry:app.R{number}") for number in range(60)]
    text = say(make_verdict("bounded", findings), width=120)
    assert "30 more in verdict.json" in text
    assert text.count("app.R") == 30


def test_registries_that_a_short_run_leaves_open_are_one_line():
    """Two dozen that never changed all say the same; what moved is told by itself, and a few are too."""
    flat = [
        make_finding(f"{kind}.{number}", "inconclusive", ci=(0.0, 0.0097))
        for kind in ("library:eio", "registry:app", "task:watch")
        for number in range(8)
    ]
    open_one = make_finding("library:environ", "inconclusive", per_connection=0.01, ci=(0.0, 0.02), last=5.0)
    text = say(make_verdict("inconclusive", [*flat, open_one]), width=120)
    alike = [line.split() for line in text.split("\n") if "8 that stayed the same" in line]
    assert len(alike) == 3
    assert all(line[-1] == "inconclusive" for line in alike)
    assert "eio.3" not in text
    assert "environ" in text
    few = say(make_verdict("inconclusive", [flat[0], open_one]), width=120)
    assert "eio.0" in few
    assert "stayed the same" not in few
