"""Writes docs/reliability.md from the attempts that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.faults.attempts import Attempt
from tests.faults.batches import FILE, read_batches, rows_of

Rounds = dict[str, dict[tuple[str, int], Attempt]]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
ROOMS = {
    "harness": "soakproof itself",
    "target": "The target",
    "generator": "The load generator",
    "files": "Files and disks",
    "security": "Whoever should not be let in",
}
HEAD = """\
# What was broken on purpose, and what came of it

`make faults` breaks what can break: real processes, real signals, real file systems, three times each. It goes on where
it was stopped, and writes this page from `tests/faults/attempts.jsonl`; a short slice of it is among the tests of CI.
A promise was held when the test of that name in `tests/faults` passed; what happened is what the last attempt saw.
"""
MADE_UP = """
## Inputs that were made up

`make fuzz` has hypothesis make up 100,000 files from seeds, in batches that `tests/faults/fuzzed.jsonl` keeps, and it
goes on where it was stopped. What is refused is refused with the file and the line, or with line and column where it is
no TOML. The tests of CI try some hundreds of each. verdict.json, comparison.json and SARIF are written, and never read.
Where coverage guides, atheris (libFuzzer) changes bytes so that more of soakproof's lines run, and hypothesis makes one
input of them; bytes that are too few for an input come to nothing.

| input | inputs | what came of them | mistakes |
|---|--:|---|--:|
"""


SIZES = """
## What a long run comes to

Measured on a run of the reference server: a tick, 32 readings, is 1.5 KB; a rest point of 173 readings 6.9 KB, of
200 about 8.2 KB. Until ticks come to 10 MB, an hour or so, each is written; then they grow by 26 MB a day, however
often the target is read ([ADR 167](adr/0167-a-day-of-ticks-is-tens-of-megabytes.md)). A day at 200 metrics, read
twice a second, with a rest point every 15 s, put together from such records: 89 MB, of which 53 MB are rest points;
all its ticks would have been 259 MB. Rest points are evidence, and never merged: one every 5 s is 160 MB a day.

soakproof's own memory, read as often as the machine allowed (`make own-memory` asks 200 times a second; beside
other work it came to 68, 11,210 readings over 2,150 connections): its live objects 0 [0, +0.0015] per connection,
bounded; the blocks of its allocator 0.04 [0.01, 0.27], undecided; USS from 201 MiB to 200 MiB.
"""


def write_page(attempts: Iterable[Attempt], page: Path = PAGE) -> None:
    """Write the page: a table for each room, a row for each fault."""
    rounds: Rounds = defaultdict(dict)
    for attempt in attempts:
        rounds[attempt.fault][attempt.test, attempt.round] = attempt  # of one fault there may be several cases
    sections = [section(room, title, rounds) for room, title in ROOMS.items()]
    page.write_text("".join([HEAD, *sections, made_up(), SIZES]))


def made_up() -> str:
    """Return the table of the inputs that `make fuzz` has made up, nothing where it has made none."""
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in rows_of(read_batches(FILE)))
    return f"{MADE_UP}{rows}" if rows else ""


def section(room: str, title: str, rounds: Rounds) -> str:
    """Return the table of one room, nothing where it has no rows."""
    rows = [row(list(tries.values())) for _, tries in sorted(rounds.items()) if next(iter(tries.values())).room == room]
    head = "| fault | promise | held | what happened |\n|---|---|---|---|\n"
    return f"\n## {title}\n\n{head}{''.join(rows)}" if rows else ""


def row(tries: list[Attempt]) -> str:
    """Return the row of one fault."""
    last = next((each for each in reversed(tries) if not each.is_held), tries[-1])
    held = sum(each.is_held for each in tries)
    cells = (last.fault, last.promise, f"{held} of {len(tries)}", last.happened)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
