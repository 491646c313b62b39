"""Several may work at one campaign: a run is made by one of them, and none is made twice."""

from __future__ import annotations

import pytest

from benchmarks.accuracy import __main__ as campaign
from benchmarks.accuracy import records
from benchmarks.accuracy.soaking import Soaking
from soakproof.commands.ending import INTERRUPTED
from tests.accuracy.made_records import make_record


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty campaign in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_is_claimed_by_one(place):
    """Who comes second passes it by, and may have it when the first is gone."""
    with campaign.claimed("fd #1") as is_first, campaign.claimed("fd #1") as is_second:
        assert is_first
        assert not is_second
    with campaign.claimed("fd #1") as is_ours:
        assert is_ours


def test_other_runs_stay_free(place):
    """A claim is on one run alone."""
    with campaign.claimed("fd #1"), campaign.claimed("fd #2") as is_ours:
        assert is_ours


def test_what_is_recorded_is_not_made_again(place):
    """Until the product is mended for it: then it is missing again."""
    records.append(make_record("fd", 1))
    assert campaign.made() == {"fd #1"}
    (place / "reports/reference/accuracy/explanations.toml").write_text(
        '[[explained]]\ncases = "fd"\nwhy = "x"\nmended = 2026-01-03T00:00:00Z\n'
    )
    assert campaign.made() == set()


def test_a_run_that_was_interrupted_is_none(place, monkeypatch, capsys):
    """It says nothing about the product, and is made when the campaign goes on."""
    monkeypatch.setattr(campaign, "soak", lambda case, number: Soaking(case, number, place, [], INTERRUPTED, 1.0, 0.5))
    assert campaign.go_on(1, "fd", 9) == 0
    assert "fd #1 was interrupted" in capsys.readouterr().out
    assert not records.read()


def test_no_run_is_begun_after_its_time(place, capsys):
    """With no minutes left nothing is run, and it says what is next."""
    assert campaign.go_on(1, "fd", 0) == 0
    assert "fd #1 is next" in capsys.readouterr().out
    assert not records.read()
