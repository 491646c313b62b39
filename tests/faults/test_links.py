"""A stored run that somebody else has made: nothing outside its folder is written, and nothing odd in it is read."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from soakproof.commands.compare import compare_stored
from soakproof.commands.explain import explain_stored
from soakproof.commands.issue import print_issue
from soakproof.commands.judge import judge_again
from soakproof.commands.report import report_again
from soakproof.commands.trend import show_trend
from soakproof.culprits import Site
from soakproof.errors import OutputError, RunFileError
from soakproof.report import FORMATS
from soakproof.report.located import in_repository
from soakproof.runfile import load_run
from tests.synthetic_runs import lines_of, make_run

LEAK = lines_of(make_run("leak"))
COMMANDS = {
    "judge": (lambda run: judge_again(run, None, (), None), ["verdict.json"]),
    "report": (
        lambda run: report_again(run, tuple(name for name in FORMATS if name not in {"svg", "png"}), None),
        ["verdict.json", "summary.md", "junit.xml", "report.sarif", "report.html"],
    ),
    "compare": (
        lambda run: compare_stored((str(run), str(run)), {}),
        ["comparison.json", "comparison.html", "comparison.md"],
    ),
    "trend": (lambda run: show_trend((run,), run), ["trend.csv", "trend.html"]),
    "issue": (lambda run: print_issue(run, None), []),
    "explain": (lambda run: explain_stored(run, None, as_json=True), []),
}
KEPT = "what the links led to is as it was"


@pytest.fixture
def run(tmp_path):
    """A stored run in a directory of its own."""
    directory = tmp_path / "run"
    directory.mkdir()
    (directory / "run.jsonl").write_bytes(b"".join(LEAK))
    return directory


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(name, marks=pytest.mark.fault("security", f"a run in which files are links, and `{name}`", KEPT))
        for name in COMMANDS
    ],
)
def test_reports_that_are_links(run, tmp_path, happened, command):
    """A link in the place of a report is replaced by the report, whether it leads to a file, up, or to nothing."""
    act, names = COMMANDS[command]
    victim, missing = tmp_path / "victim", tmp_path / "missing"
    victim.write_text("kept")
    for number, name in enumerate(sorted({name for _, written in COMMANDS.values() for name in written})):
        (run / name).symlink_to((victim, missing, Path("../victim"))[number % 3])
    act(run)
    assert victim.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "victim"]
    assert all((run / name).is_file() and not (run / name).is_symlink() for name in names)
    happened(f"{len(names)} links replaced by reports; the file that they led to is as it was, and no other was made")


@pytest.mark.fault("security", "a run whose `charts` is a link", "told; nothing is written there")
def test_charts_that_lead_away(run, tmp_path, happened):
    """No picture lands in somebody's directory."""
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (run / "charts").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="charts: is a link, and nothing is written through the links of a run"):
        report_again(run, ("svg",), None)
    assert not list(elsewhere.iterdir())
    happened("refused in one sentence that says what to remove")


@pytest.mark.fault("security", "a hard link in the place of a report", KEPT)
def test_a_hard_link(run, tmp_path, happened):
    """As a cache of directories makes them: the other name keeps what it had."""
    (victim := tmp_path / "victim").write_text("kept")
    os.link(victim, run / "verdict.json")
    judge_again(run, None, (), None)
    assert victim.read_text() == "kept"
    happened("the other name of the file has what it had")


ODD = {
    "a device that never ends": (lambda path: path.symlink_to("/dev/zero"), "is no file"),
    "a pipe that nobody writes to": (os.mkfifo, "is no file"),
    "a directory": (Path.mkdir, "is no file"),
    "a line of 65 MiB": (lambda path: path.write_bytes(LEAK[0] + b"x" * (65 << 20)), "run.jsonl:2: longer than 64 MiB"),
    "one with a seed below 0": (
        lambda path: path.write_bytes(b"".join(LEAK).replace(b'"seed":7', b'"seed":-7', 1)),
        "run.jsonl:1: not a record",
    ),
    "a value nested 200,000 deep": (
        lambda path: path.write_bytes(LEAK[0][:-2] + b',"x":' + b"[" * 200_000 + b"\n"),
        "run.jsonl:1: not a record",
    ),
}


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(
            name,
            marks=pytest.mark.fault("security", f"a run.jsonl that is {name}", "one sentence, at once"),
            id=name.replace(" ", "-"),
        )
        for name in ODD
    ],
)
@pytest.mark.timeout(60)
def test_a_run_that_is_no_file(run, happened, odd):
    """Neither the reader's memory nor its patience is the sender's to use up."""
    make, told = ODD[odd]
    (run / "run.jsonl").unlink()
    make(run / "run.jsonl")
    with pytest.raises(RunFileError, match=told) as refused:
        judge_again(run, None, (), None)
    happened(str(refused.value).replace(str(run.parent), "…")[:200])


@pytest.mark.fault("files", "a packed run.jsonl.gz whose bytes were changed", "one sentence")
def test_a_packed_run_that_was_changed(run, happened):
    """Each byte in turn, by some steps: read, or refused; never a traceback."""
    packed = gzip.compress(b"".join(LEAK[:60]))
    file = run / "run.jsonl.gz"
    refused = 0
    for at in range(0, len(packed), max(1, len(packed) // 100)):
        file.write_bytes(packed[:at] + bytes([packed[at] ^ 0x5A]) + packed[at + 1 :])
        try:
            load_run(file)
        except RunFileError:
            refused += 1
    assert refused > 30
    happened(f"{refused} of about 100 changes refused")


OUTSIDE = ("../outside.py", "/etc/passwd", "link.py", "a/../../outside.py", "", ".", "x" * 5000, "a\ufffdb", "a\0b")


@pytest.mark.fault("security", "paths of lines in a run that lead out of the repository", "no path, in any format")
@pytest.mark.parametrize("file", OUTSIDE)
def test_paths_that_lead_out(tmp_path, happened, file):
    """Neither absolute ones, nor with dots, nor through a link: what is shown beside code is in the repository."""
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (tmp_path / "outside.py").write_text("")
    (repository / "link.py").symlink_to(tmp_path / "outside.py")
    (repository / "inside.py").write_text("")
    site = Site(file=file, line=1, function="f", per_connection_bytes=1.0)
    assert in_repository(site, repository) is None
    assert in_repository(Site(file="inside.py", line=1, function="f", per_connection_bytes=1.0), repository)
    happened("no location; the line is named in words")


def test_a_run_that_is_reached_by_a_link(run, tmp_path):
    """A directory of a run that the user names by a link, as reports/latest is one, is written to as ever."""
    (tmp_path / "latest").symlink_to(run)
    report_again(tmp_path / "latest", ("json",), None)
    assert (run / "verdict.json").is_file()
    shutil.rmtree(run)
