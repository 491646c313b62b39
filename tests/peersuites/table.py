"""Writes docs/peersuites.md from the results that are kept."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "peersuites.md"
HEAD = """\
# Others' test suites, with the agent in them

`make peer-suites` runs the tests that other projects ship in their source distributions twice: bare, and with the
agent in every Python process of theirs, asked over and over for censuses, explanations and tracing, with and without
tracemalloc, with lines followed. A test that fails with it in every one of three runs, and in none of three without,
has fallen by it. Nothing of theirs is kept here but the counts. Tests that fail bare do so for want of a network, a
database or a release that they were written for. Channels ships no tests, and granian cannot be unpacked without a
compiler for Rust: daphne, asgiref and uvicorn stand in for them.

| project | passed: bare / with the agent | failed | skipped | fallen by the agent | censuses (all asked), processes |
|---|---|---|---|---|---|
"""


def write_table() -> None:
    """Write the page: a row for each project, and below the command and versions of each."""
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    rows = [
        f"| {each['project']} {each['version']} | {each['bare']['passed']:,} / {each['observed']['passed']:,} "
        f"| {each['bare']['failed']} / {each['observed']['failed']} "
        f"| {each['bare']['skipped']} / {each['observed']['skipped']} | {len(each['fallen']) or 'none'} "
        f"| {each['censuses']:,} ({each['asked']:,}), {each['processes']} |\n"
        for each in results
    ]
    commands = [
        f"- {each['project']} {each['version']}, Python {each['python']}, {each['date']}, {each['pairs']} "
        f"{'pair' if each['pairs'] == 1 else 'pairs'} of runs: `{each['command']}`\n"
        for each in results
    ]
    PAGE.write_text(HEAD + "".join(rows) + "\n## Commands\n\n" + "".join(commands))
