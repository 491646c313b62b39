"""Which commit is soaked: CI's own word, or the repository's, or none."""

from __future__ import annotations

import subprocess

import pytest

from soakproof.run.revision import VARIABLES, find_commit


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)


def test_outside_of_a_repository_there_is_none():
    """Neither CI nor git has anything to say."""
    assert find_commit() is None


def test_the_repositorys_commit_is_told(tmp_path):
    """It is the one that is checked out; before the first commit there is none."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert find_commit() is None
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert find_commit() == head


def test_ci_goes_first(monkeypatch):
    """A checkout in CI may be a merge that nobody knows: its variable says what is meant."""
    monkeypatch.setenv("CI_COMMIT_SHA", "c" * 40)
    assert find_commit() == "c" * 40
    monkeypatch.setenv("SOAKPROOF_COMMIT", "d" * 40)
    assert find_commit() == "d" * 40
