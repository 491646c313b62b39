"""`explain` and `issue`: all that is known of a finding, and a leak as a text for somebody else's tracker."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from rich.console import Console

from soakproof.errors import RunFileError, UsageError
from soakproof.judge import judge_run
from soakproof.report.explanation import explain_finding, explain_run, find_finding, render_explanation
from soakproof.report.issue import leave_out_paths, render_issue
from tests.synthetic_runs import make_run


@pytest.fixture
def leak():
    run = make_run("leak")
    return run, judge_run(run)


def say(document):
    stream = io.StringIO()
    render_explanation(document, Console(file=stream, width=100, color_system=None))
    return stream.getvalue()


def test_a_finding_is_found_by_what_people_type(leak):
    """The metric, the name, the owner path with its colon, or a part that only one has."""
    first = leak[1].findings[0]
    owner = first.name.replace(".", ":", 1)
    for name in (first.metric, first.name, owner, "documents.locks"):
        assert find_finding(leak[1], name).metric == first.metric


def test_a_name_that_means_none_or_several_is_refused(leak):
    """Some that could be meant are named."""
    with pytest.raises(UsageError, match=r"no finding has that name; need one of registry:server.documents.locks"):
        find_finding(leak[1], "server.documents.lokcs")
    with pytest.raises(UsageError, match="findings have it in their name"):
        find_finding(leak[1], "server.")


def test_a_finding_is_told_in_full(leak):
    """Its rule in words, its lines, who holds it, every reading, and what to do; as text the same."""
    document = explain_finding(leak[0], leak[1], leak[1].findings[0])
    assert json.loads(msgspec.json.encode(document))["readings"]
    assert document["rule_means"]
    fitted = [each for each in document["readings"] if each["is_fitted"]]
    assert fitted[-1]["value"] - fitted[0]["value"] == document["last"] - document["first"]
    said = say(document)
    assert "server/documents.py:88" in said
    assert "held by" in said
    assert document["remedy"] in " ".join(said.split())
    assert said.count("\n  * ") == len(fitted)


def test_a_run_is_told_in_short(leak):
    """The verdict, what to do, and the findings that it rests on."""
    document = explain_run(*leak)
    assert document["findings"][0]["metric"] == leak[1].findings[0].metric
    assert document["headline"] in say(document)
    run = make_run("bounded")
    assert explain_run(run, judge_run(run))["findings"] == []


def test_an_issue_says_what_whoever_mends_it_needs(leak, tmp_path):
    """What grows, where, held by what, which versions, how to see it, and the program where it is small."""
    app = tmp_path / "app.py"
    app.write_text("import socketio\n```\n")
    text = render_issue(leak[0], leak[1], app)
    for part in ("+1.00 entries per connection", "server/documents.py:88", "Held by:", "python-socketio 5.18.1"):
        assert part in text
    assert "soakproof run --waves 10 --clients 600" in text
    assert "````python\nimport socketio" in text


def test_an_issue_holds_no_absolute_path(leak):
    """Where things lie on this machine is left out, of the command too."""
    run, _ = leak
    run.header.target.command[:] = ["/home/me/.venv/bin/python", "-m", "server", "--db", "/srv/secret/place.db"]
    run.diagnoses["registry:server.documents.locks"].culprit.sites[0].file = "/home/me/shop/server/documents.py"
    text = render_issue(run, judge_run(run))
    assert "/home" not in text
    assert "/srv" not in text
    assert "`documents.py:88" in text
    assert leave_out_paths("GET http://127.0.0.1/a/b and a/b/c") == "GET http://127.0.0.1/a/b and a/b/c"


def test_what_is_no_issue_is_refused(leak, tmp_path):
    """A run without a leak, and a program that nobody would read."""
    run = make_run("bounded")
    with pytest.raises(RunFileError, match="verdict is bounded; need one that found a leak"):
        render_issue(run, judge_run(run))
    (tmp_path / "long.py").write_text("pass\n" * 100)
    with pytest.raises(RunFileError, match="has 100 lines; need 80 at most"):
        render_issue(leak[0], leak[1], tmp_path / "long.py")
    with pytest.raises(RunFileError, match="need the program's source"):
        render_issue(leak[0], leak[1], tmp_path / "missing.py")
