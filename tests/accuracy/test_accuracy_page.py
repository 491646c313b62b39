"""The page is written from the data alone, and hides nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from benchmarks.accuracy import records
from benchmarks.accuracy.explanations import Explained, SharesSince, is_superseded, read_explanations, read_notes
from benchmarks.accuracy.page import describe
from tests.accuracy.made_records import make_record

MENDED = datetime(2026, 1, 2, 12, tzinfo=UTC)
MEND = Explained(cases="fd*", why="descriptors were not counted", mended=MENDED)


def row(page, start):
    [line] = [line for line in page.splitlines() if line.startswith(start)]
    return line


def test_without_data_it_says_that_nothing_was_run():
    """No data: nothing run, no share, no zero."""
    page = describe([], [])
    assert "No run has been made yet." in page
    assert row(page, "| leaks found, natural rate") == "| leaks found, natural rate | - | not run | - |"
    assert row(page, "| thread ") == "| thread | not run | - | - | - | - |"


def test_shares_carry_their_exact_interval():
    """Three of three, with the interval of Clopper and Pearson."""
    page = describe([make_record(number=number) for number in (1, 2, 3)], [])
    assert row(page, "| leaks found and named, natural") == (
        "| leaks found and named, natural rate | 3 of 3 | 100.0 % | 29.2 to 100.0 % |"
    )
    assert row(page, "| fd | ") == "| fd | 3 of 3 | 3 of 3 | `fd:total` | 0.1 | 60 s |"


def test_a_leak_found_under_a_wrong_name_is_a_miss():
    """Found is not named, and the run stands among the misses."""
    page = describe([make_record(named=False)], [])
    assert row(page, "| fd | ").startswith("| fd | 1 of 1 | 0 of 1 |")
    assert row(page, "| fd #1") == "| fd #1 | abc | leak: because | not explained yet |"


def test_an_alarm_and_an_open_verdict_are_told_apart():
    """A clean run convicted is an alarm; one left open is none, and yet not proven."""
    made = [make_record("clean botnet", n, v, group="clean") for n, v in enumerate(("leak", "inconclusive", "bounded"))]
    page = describe(made, [])
    assert "| false alarms in clean runs | 1 of 3 " in page
    assert "| clean runs proven bounded | 1 of 3 " in page


def test_a_mend_takes_all_earlier_runs_of_its_cases_out_of_the_count():
    """Right or not: else only the misses would be made again. They stay in the list of misses."""
    made = [make_record(number=1), make_record(number=2, verdict="bounded"), make_record(number=1, hour=13)]
    page = describe(made, [MEND])
    assert row(page, "| fd | ").startswith("| fd | 1 of 1 |")
    assert "descriptors were not counted; mended 2026-01-02 12:00" in row(page, "| fd #2")
    assert is_superseded(made[1], [MEND])
    assert not is_superseded(make_record("fd", hour=13), [MEND])
    assert not is_superseded(make_record("thread"), [MEND])


def test_the_last_judgement_of_a_run_counts():
    """A run that was judged again counts once."""
    page = describe([make_record(verdict="bounded"), make_record()], [])
    assert row(page, "| fd | ").startswith("| fd | 1 of 1 |")
    assert row(page, "| fd #1").endswith("| not explained yet; right when made again at abc |")


@pytest.mark.parametrize(("shares", "said"), [([0.9], "90.0 %"), ([0.2, 0.96, 1.0], "96.0 %"), ([None, 0.5], "50.0 %")])
def test_the_share_of_the_growth_is_told_in_the_median(shares, said):
    """Of the runs that tell it; of none there is no such line."""
    made = [make_record(number=number, explained=share) for number, share in enumerate(shares, start=1)]
    line = row(describe(made, []), "Share of the growth")
    assert f"{said} in the median" in line
    assert line.endswith(f"in {sum(share is not None for share in shares)} convicted runs.")
    assert "Share of the growth" not in describe([make_record()], [])


def test_shares_measured_otherwise_are_not_told():
    """Runs from before the measure changed count in all else, and the page says since when."""
    made = [make_record(number=1, hour=9, explained=0.5), make_record(number=2, hour=13, explained=0.9)]
    line = row(describe(made, [], SharesSince(since=MENDED, why="it was mended")), "Share of the growth")
    assert "90.0 % in the median" in line
    assert line.endswith("in 1 convicted runs made since 2026-01-02 12:00, when it was mended.")


def test_records_survive_the_file(tmp_path):
    """What is appended is what is read."""
    path = tmp_path / "deep" / "runs.jsonl"
    for number in (1, 2):
        records.append(make_record(number=number), path)
    assert records.read(path) == [make_record(number=1), make_record(number=2)]
    assert records.read(tmp_path / "none.jsonl") == []


def test_explanations_are_read_and_mistakes_in_them_refused(tmp_path):
    """A key that nobody knows does not pass silently as an explanation."""
    path = tmp_path / "explanations.toml"
    path.write_text('[[explained]]\ncases = "fd*"\nwhy = "x"\nmended = 2026-01-02T12:00:00Z\n')
    assert read_explanations(path)[0].mended == MENDED
    path.write_text('[[explained]]\ncase = "fd*"\nwhy = "x"\n')
    with pytest.raises(msgspec.ValidationError, match="cases"):
        read_explanations(path)
    path.write_text('[[explaned]]\ncases = "fd*"\nwhy = "x"\n')
    with pytest.raises(msgspec.ValidationError, match="explaned"):
        read_explanations(path)
    path.write_text('[shares]\nsince = 2026-01-02T12:00:00Z\nwhy = "x"\n')
    assert read_notes(path).shares == SharesSince(since=MENDED, why="x")
