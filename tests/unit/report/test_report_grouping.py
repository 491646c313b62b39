"""What is shown first, what small, and what only counted."""

from __future__ import annotations

import io

from rich.console import Console

from soakproof.judge import judge_run
from soakproof.report.charts import Charts
from soakproof.report.grouping import group, list_processes
from soakproof.report.html import render_html
from soakproof.report.markdown import render_markdown
from soakproof.report.text import render_text
from soakproof.samples import Metric
from tests.synthetic_drafts import PID
from tests.synthetic_runs import make_run, with_second_process
from tests.unit.report.made_verdicts import leak_of_locks, make_finding, make_verdict


def names(findings):
    return [finding.name for finding in findings]


def group_of(*findings):
    return group(make_run("bounded"), make_verdict("bounded", [*findings]))


def test_leaks_come_first_then_what_is_open_then_what_moved():
    """The order of interest is that of the questions a reader asks."""
    groups = group_of(
        make_finding("registry:app.STILL", peak=0.0),
        make_finding("registry:app._inner", peak=900.0),
        make_finding("registry:app.QUIET", peak=7.0),
        make_finding("registry:app.BUSY", peak=500.0),
        make_finding("registry:app.FOLLOWS", "leak", is_deciding=False),
        make_finding("registry:app.OPEN", "inconclusive"),
        leak_of_locks(),
    )
    assert names(groups.prominent) == [
        "server.documents.locks",
        "app.OPEN",
        "app.BUSY",
        "app.QUIET",
        "app._inner",
        "app.FOLLOWS",
    ]
    assert names(groups.still) == ["app.STILL"]


def test_a_lingering_task_and_a_leaking_type_are_shown_beside_the_registries():
    """What grows outside any registry has its picture too; bytes have their own chart."""
    groups = group_of(
        make_finding("task:send_ping", lingers_s=25.0),
        make_finding("task:total"),
        make_finding("type:app.Session", "leak"),
        make_finding("process:uss", "leak"),
    )
    assert names(groups.prominent) == ["app.Session", "send_ping"]
    assert names(groups.causes) == ["app.Session", "uss"]
    assert names(groups.condensed) == ["send_ping", "total", "uss"]


def test_a_libraries_container_is_not_the_applications():
    """Who owns a container follows from what the agent said of it."""
    run = make_run("bounded")
    run.metrics["registry:uvicorn.tasks"] = Metric(metric="registry:uvicorn.tasks", origin="library")
    findings = [make_finding("registry:uvicorn.tasks"), make_finding("registry:app.X"), make_finding("library:environ")]
    groups = group(run, make_verdict("bounded", findings))
    assert names(groups.application) == ["app.X"]
    assert sorted(names(groups.small)) == ["environ", "uvicorn.tasks"]


def test_where_nothing_moved_the_applications_registries_are_shown_all_the_same():
    """A page without a picture would look broken."""
    groups = group_of(make_finding("registry:app.X", peak=0.0), make_finding("library:environ", peak=0.0))
    assert names(groups.prominent) == ["app.X"]
    assert names(groups.still) == ["environ"]


def test_containers_join_the_registries_only_when_there_is_something_to_see():
    """Hundreds of flat containers would bury the registries."""
    groups = group_of(make_finding("container:app.flat"), make_finding("container:app.grows", "leak"))
    assert names(groups.application) == ["app.grows"]
    assert names(groups.listed) == ["app.flat"]


def test_every_worker_has_a_column():
    """The tables of all reports show what is left in each process, where several serve."""
    run = with_second_process(make_run())
    verdict = judge_run(run)
    assert list_processes(verdict.findings) == [PID, PID + 1]
    console = Console(width=200, record=True, file=io.StringIO())
    render_text(run, verdict, console)
    for report in (console.export_text(), render_markdown(run, verdict), render_html(Charts(run, verdict), "out")):
        assert f"pid {PID}" in report
        assert f"pid {PID + 1}" in report
