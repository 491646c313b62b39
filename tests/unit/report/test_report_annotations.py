"""What services show beside the code: annotations and SARIF, at the line in the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from soakproof.compare import compare_runs
from soakproof.culprits import Site
from soakproof.judge import judge_run
from soakproof.judge.verdict import is_cause
from soakproof.report.annotations import annotate, annotate_comparison, annotate_verdict
from soakproof.report.located import find_root, in_repository
from soakproof.report.sarif import make_sarif, write_sarif
from tests.synthetic_runs import make_run

LINE = ("server/documents.py", 88)  # of the synthetic leak


@pytest.fixture
def leak():
    run = make_run("leak")
    return run, judge_run(run)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Make a repository with the leaking file in a folder, and go there: paths are told from the root on."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "backend"
    (folder / "server").mkdir(parents=True)
    (folder / "server" / "documents.py").write_text("\n" * 100)
    monkeypatch.chdir(folder)
    return folder


def read(command):
    """Read a workflow command as GitHub's runner does."""
    level, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", command, re.DOTALL).groups()
    fields = dict(each.split("=", 1) for each in properties.split(","))
    return level, fields, message.replace("%0A", "\n").replace("%25", "%")


def test_each_cause_is_annotated_at_its_line(leak, repository):
    """The first names file and line from the root of the repository, and says growth, source and chain."""
    lines = annotate_verdict(*leak)
    assert len(lines) == sum(map(is_cause, leak[1].findings))
    level, fields, message = read(lines[0])
    assert (level, fields["file"], fields["line"]) == ("error", f"backend/{LINE[0]}", str(LINE[1]))
    assert "entries per connection" in message
    assert "held by\n" in message
    assert not [line for line in lines if "\n" in line]


def test_a_line_outside_the_repository_is_told_without_a_place(leak, repository):
    """What no file of the repository has is said of the run as a whole."""
    (repository / "server" / "documents.py").unlink()
    _, fields, message = read(annotate_verdict(*leak)[0])
    assert set(fields) == {"title"}
    assert "leaks" in message


def test_verdicts_without_a_line_are_annotated_too():
    """Undecided is an error where the build is red for it, a warning where not; bounded says nothing."""
    run = make_run("inconclusive")
    verdict = judge_run(run)
    assert read(*annotate_verdict(run, verdict))[0] == "error"
    assert read(*annotate_verdict(run, msgspec.structs.replace(verdict, exit_code=0)))[0] == "warning"
    run = make_run("bounded")
    assert annotate_verdict(run, judge_run(run)) == []


def test_a_regression_is_annotated_at_its_line(repository):
    """By how much it is worse stands at the line of the branch."""
    comparison = compare_runs(make_run("bounded", seed=9), make_run("leak"))
    _, fields, message = read(*annotate_comparison(comparison))
    assert (fields["file"], fields["line"]) == (f"backend/{LINE[0]}", str(LINE[1]))
    assert "worse by" in message
    assert annotate_comparison(compare_runs(make_run("bounded", seed=9), make_run("bounded"))) == []


def test_what_would_end_a_command_is_escaped():
    """Line breaks, percent signs, and in a property colons and commas."""
    assert annotate("error", "a%\nb,:", title="x:y,z") == "::error title=x%3Ay%2Cz::a%25%0Ab,:"


def test_paths_are_those_of_the_repository(tmp_path):
    """A file elsewhere, and a library's that lies in no folder here, are none of the repository's."""
    (tmp_path / ".git").write_text("gitdir: elsewhere")  # a worktree's
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "app.py").touch()
    assert find_root(tmp_path / "a" / "b") == tmp_path
    assert in_repository(Site(file="b/app.py", line=1, function="f"), tmp_path / "a") == "a/b/app.py"
    assert in_repository(Site(file="socketio/server.py", line=1, function="f"), tmp_path / "a") is None
    assert in_repository(Site(file="/etc/hostname", line=1, function="f"), tmp_path / "a") is None


def test_sarif_has_a_result_at_the_line(leak, repository):
    """Rule, level, place, and a fingerprint that stays when lines move."""
    (log,) = make_sarif(*leak)["runs"]
    first = log["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": f"backend/{LINE[0]}"}, "region": {"startLine": LINE[1]}}
    assert log["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    moved = msgspec.convert(msgspec.to_builtins(leak[1]), type(leak[1]))
    for finding in moved.findings:
        for site in finding.culprit.sites if finding.culprit else []:
            site.line += 5
    again = make_sarif(leak[0], moved)["runs"][0]["results"][0]
    assert again["partialFingerprints"] == first["partialFingerprints"]
    assert again["locations"] != first["locations"]


def test_sarif_of_what_has_no_line_holds_notes(leak, tmp_path, monkeypatch):
    """Code scanning refuses results without a place: they are notes of the run."""
    monkeypatch.chdir(tmp_path)
    (log,) = make_sarif(*leak)["runs"]
    assert log["results"] == []
    assert "leaks" in log["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    run = make_run("died")
    (file,) = write_sarif(run, judge_run(run), tmp_path)
    (log,) = json.loads(Path(file).read_text())["runs"]
    assert log["invocations"][0] == {**log["invocations"][0], "executionSuccessful": False, "exitCode": 4}
