"""Writing reports: every format, every kind of run, and errors in one sentence."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.console import Console

from soakproof.errors import OutputError, UsageError
from soakproof.judge import judge_run
from soakproof.report import FORMATS, render_text, write_reports
from soakproof.samples import Run
from tests.synthetic_runs import make_run
from tests.synthetic_stories import SPOILERS
from tests.unit.report.made_verdicts import make_verdict

FLAMES = ("speedscope", "collapsed", "pprof")


def test_all_formats_are_written_and_nothing_else(tmp_path):
    """The files are those of the contract, and what is returned is what is there."""
    written = write_reports(make_run("leak"), make_verdict("leak"), tmp_path)
    assert sorted(written) == sorted(file for file in tmp_path.rglob("*") if file.is_file())
    names = {str(file.relative_to(tmp_path)) for file in written}
    assert {"verdict.json", "report.html", "summary.md", "junit.xml"} <= names
    for chart in ("registries", "growth", "connections", "memory", "forest", "lines"):
        assert {f"charts/{chart}.svg", f"charts/{chart}.png", f"charts/{chart}-dark.png"} <= names


def test_only_what_is_asked_for_is_written(tmp_path):
    """``--format md`` writes one file."""
    assert write_reports(make_run("bounded"), make_verdict("bounded"), tmp_path, ["md"]) == [tmp_path / "summary.md"]
    assert [file.name for file in tmp_path.iterdir()] == ["summary.md"]


def test_text_is_a_format_that_the_terminal_gets(tmp_path):
    """``text`` is among the formats users may name, and writes no file."""
    assert set(FORMATS) == {"text", "json", "html", "md", "junit", "sarif", "png", "svg", *FLAMES}
    with pytest.raises(UsageError, match="report format pdf: need some of json"):
        write_reports(make_run("bounded"), make_verdict("bounded"), tmp_path, ["pdf"])


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path):
    """A file in the way of the directory is told with its path."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken.*need a directory"):
        write_reports(make_run("bounded"), make_verdict("bounded"), tmp_path / "taken", ["json"])


@pytest.mark.parametrize("kind", sorted(SPOILERS))
def test_every_kind_of_run_is_told_in_words(kind, tmp_path):
    """What the judge makes of any synthetic run can be said in the terminal, to programs and to CI."""
    run = make_run(kind)
    verdict = judge_run(run)
    write_reports(run, verdict, tmp_path, ["json", "md", "junit"])
    printed = io.StringIO()
    render_text(run, verdict, Console(file=printed, width=120))
    assert verdict.verdict.upper() in printed.getvalue()


@pytest.mark.parametrize("kind", ["ttl", "native", "unsettled", "saturating"])
def test_every_kind_of_page_is_drawn(kind, tmp_path):
    """A time-to-live, memory that Python does not see, no slope at all, a plateau: each has its page."""
    run = make_run(kind)
    verdict = judge_run(run)
    write_reports(run, verdict, tmp_path, ["html"])
    assert verdict.verdict in (tmp_path / "report.html").read_text()


def test_a_run_of_which_only_the_header_is_left_is_reported(tmp_path):
    """A soak that died at once still gets a page that says so, and what to do."""
    run = Run(header=make_run("bounded").header)
    write_reports(run, judge_run(run), tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "Nothing can be said" in page
    assert "Soak again" in page


def test_a_run_that_died_during_its_first_readings_is_reported(tmp_path):
    """Ticks without a rest point, and one rest point without a wave, are drawn as far as they go."""
    run = make_run("died")
    only_ticks = [sample for sample in run.samples if sample.kind == "tick"][:10]
    for samples in (only_ticks, run.samples[:1]):
        cut = msgspec.structs.replace(run, samples=samples, waves=run.waves[:1])
        written = write_reports(cut, judge_run(cut), tmp_path)
        assert (tmp_path / "charts" / "connections.svg") in written
