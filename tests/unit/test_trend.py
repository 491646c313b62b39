"""A history of runs: the commit that leaks is found, and no other; broken runs are named, the rest is drawn."""

from __future__ import annotations

import csv
import io
import re

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from soakproof.commands import app
from soakproof.report.trend import make_csv, render_trend_page
from soakproof.runfile import encode
from soakproof.trend import find_change_points, make_trend
from soakproof.wording.trends import say_change_point, say_trend
from tests.synthetic_drafts import LOCKS
from tests.synthetic_runs import make_run

CLEAN, LEAKY = "bounded", "leak"


def history(kinds, waves=6):
    """Return runs of a server, one an hour, each of a commit of its own."""
    runs = []
    for at, kind in enumerate(kinds):
        run = make_run(kind, waves=waves, seed=at)
        started_at = f"2026-01-{1 + at // 24:02d}T{at % 24:02d}:00:00+00:00"
        run.header = msgspec.structs.replace(run.header, started_at=started_at, commit=f"{at:040x}")
        runs.append((f"run-{at}", run))
    return runs


@pytest.fixture(scope="module")
def thirty():
    """Return thirty runs, of which all from the twentieth on leak; given in no order."""
    runs = history([CLEAN] * 19 + [LEAKY] * 11)
    return make_trend([*runs[10:], *runs[:10]])


def test_the_commit_that_leaks_is_found_and_no_other(thirty):
    """The registry changes at the twentieth run, with its level before and since, and nothing changes elsewhere."""
    assert {change.at for change in thirty.changes} == {19}
    (change,) = [change for change in thirty.changes if change.metric == LOCKS]
    assert (change.before, change.is_worse) == (0.0, True)
    assert change.after == pytest.approx(1.0, abs=0.02)
    said = say_change_point(change, thirty)
    assert "+1.00 since entries per connection, at server/documents.py:88" in said
    assert say_trend(thirty) == "What stays per connection has changed at 1 of 30 runs."


def test_a_mend_is_a_change_for_the_better():
    """A leak that comes and goes changes twice."""
    changes = [c for c in make_trend(history([CLEAN] * 4 + [LEAKY] * 4 + [CLEAN] * 4)).changes if c.metric == LOCKS]
    assert [(change.at, change.is_worse) for change in changes] == [(4, True), (8, False)]


def test_clean_runs_change_nothing():
    """Noise below the margin is none, and one run by itself is no change either."""
    trend = make_trend(history([CLEAN] * 8))
    assert trend.changes == []
    assert say_trend(trend) == "Nothing has changed over 8 runs."
    assert make_trend(history([CLEAN])).changes == []


def test_invalid_runs_are_points_without_growth():
    """They are passed over in looking for changes, and leave the place of what is found right."""
    trend = make_trend(history([CLEAN, "died", CLEAN, CLEAN, LEAKY, LEAKY, LEAKY]))
    assert {change.at for change in trend.changes} == {4}
    assert trend.points[1].growth == {}
    assert "1 of them invalid" in say_trend(trend)


@pytest.mark.parametrize(("steps", "places"), [((0, 5), [10]), ((0, 5, 2), [10, 20]), ((3, 3), [])])
def test_steps_are_found_in_noise(steps, places):
    """Two levels, three, or one, each of ten values that scatter."""
    rng = np.random.default_rng(7)
    values = np.concatenate([level + rng.normal(0, 0.3, 10) for level in steps])
    assert find_change_points(values, margin=0.5) == places


def test_noise_alone_is_no_change():
    """Of 200 series of thirty values without a step none has a change, though some differ by more than the margin."""
    rng = np.random.default_rng(7)
    found = sum(bool(find_change_points(rng.normal(0, 1, 30), margin=0.5)) for _ in range(200))
    assert found == 0


def test_the_table_has_each_run_and_says_where_a_change_begins(thirty):
    """A line per run and metric that ever moved."""
    rows = list(csv.DictReader(io.StringIO(make_csv(thirty))))
    assert len(rows) == 30 * len(thirty.units)
    (change,) = [row for row in rows if row["metric"] == LOCKS and row["change"]]
    assert (change["run"], change["change"], change["unit"]) == ("run-19", "more", "entries")
    assert float(change["low"]) > 0.9


def test_the_page_draws_what_moved_and_asks_for_nothing(thirty):
    """A chart for each metric that ever grew or changed, and every run by its name."""
    page = render_trend_page(thirty)
    assert page.count("<svg") == len(thirty.units)
    assert page.count("<tr><th") == 31
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)


def write(directory, run):
    directory.mkdir(parents=True)
    records = [
        run.header,
        *run.metrics.values(),
        *run.samples,
        *run.waves,
        *run.settles,
        *([run.end] if run.end else []),
    ]
    (directory / "run.jsonl").write_bytes(b"".join(map(encode, records)))


def test_broken_runs_are_named_and_the_rest_is_drawn(tmp_path):
    """A file that is no run is left out with a sentence, and the history of the others written."""
    for name, run in history([CLEAN] * 3 + [LEAKY] * 3):
        write(tmp_path / "runs" / name, run)
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.jsonl").write_text("{broken\n")
    done = CliRunner().invoke(app, ["trend", str(tmp_path / "runs"), "--out", str(tmp_path / "trend")])
    assert done.exit_code == 0, done.output
    assert "left out: " in done.output
    assert "not a record" in done.output
    assert "changed at 1 of 6 runs" in done.output
    assert {file.name for file in (tmp_path / "trend").iterdir()} == {"trend.csv", "trend.html"}


@pytest.mark.parametrize("what", ["empty", "broken", "missing"])
def test_without_a_run_there_is_no_history(tmp_path, what):
    """A directory without one, with broken ones alone, and a path of nothing are wrong usage."""
    if what != "missing":
        (tmp_path / what).mkdir()
    if what == "broken":
        (tmp_path / what / "run.jsonl").write_text("{broken\n")
    done = CliRunner().invoke(app, ["trend", str(tmp_path / what), "--out", str(tmp_path / "trend")])
    assert done.exit_code == 2
    assert "need " in done.output
    assert not (tmp_path / "trend").exists()
