"""Writes docs/reliability.md from the attempts that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.faults.attempts import Attempt
from tests.faults.batches import FILE, read_batches, rows_of

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

| input | inputs | what came of them | mistakes |
|---|--:|---|--:|
"""


def write_page(attempts: Iterable[Attempt], page: Path = PAGE) -> None:
    """Write the page: a table for each room, a row for each fault."""
    rounds: dict[str, dict[int, Attempt]] = defaultdict(dict)
    for attempt in attempts:
        rounds[attempt.test][attempt.round] = attempt
    sections = [section(room, title, rounds) for room, title in ROOMS.items()]
    page.write_text("".join([HEAD, *sections, made_up()]))


def made_up() -> str:
    """Return the table of the inputs that `make fuzz` has made up, nothing where it has made none."""
    rows = "".join(f"| {' | '.join(cells)} |\n" for cells in rows_of(read_batches(FILE)))
    return f"{MADE_UP}{rows}" if rows else ""


def section(room: str, title: str, rounds: dict[str, dict[int, Attempt]]) -> str:
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
