"""Make the runs of the campaign that are missing, and write docs/fast-forward.md from all that were made.

    python -m benchmarks.fast_forward [--rounds 3] [--only 'sweeper*'] [--jobs 2]

Each run is appended to reports/reference/fast-forward/runs.jsonl when it has ended, so that it can be interrupted at
any moment and goes on where it was. Exit code 1 if a run of this call was wrong.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.fast_forward.cases import SLICE, Case, all_cases
from benchmarks.fast_forward.page import write_page
from benchmarks.fast_forward.soaking import Record, carry_out

RUNS = Path("reports/reference/fast-forward/runs.jsonl")


def main() -> int:
    """Make what is missing; return 1 where a verdict was wrong."""
    arguments = _parse()
    cases = list(SLICE) if arguments.slice else all_cases()
    wanted = [(case, number) for number in range(1, arguments.rounds + 1) for case in cases]
    made = {(record.case, record.number) for record in read_records()}
    missing = [
        (case, number)
        for case, number in wanted
        if fnmatch.fnmatch(case.name, arguments.only) and (arguments.slice or (case.name, number) not in made)
    ]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        right = list(pool.map(lambda each: _make(*each, is_kept=not arguments.slice), missing))
    if not arguments.slice:
        write_page(read_records())
    return 0 if all(right) else 1


def read_records() -> list[Record]:
    """Return all runs that were made."""
    lines = RUNS.read_bytes().splitlines() if RUNS.exists() else []
    return [msgspec.json.decode(line, type=Record) for line in lines]


def _make(case: Case, number: int, *, is_kept: bool) -> bool:
    """Make a run, keep its record, and say how it ended; return whether it was right."""
    record = carry_out(case, number)
    if is_kept:
        RUNS.parent.mkdir(parents=True, exist_ok=True)
        with RUNS.open("ab") as file:
            file.write(msgspec.json.encode(record) + b"\n")
    word = "right" if record.is_right else "WRONG"
    sys.stdout.write(f"{word}  {case.name} #{number}: {record.verdict}, {record.seconds:.0f} s; {record.reason}\n")
    sys.stdout.flush()
    return record.is_right


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Soak servers that clean up by age, and their leaky twins.")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each case")
    parser.add_argument("--only", default="*", help="a pattern of names")
    parser.add_argument("--jobs", type=int, default=1, help="soaks at a time; each wants a core")
    parser.add_argument("--slice", action="store_true", help="one server and its twin; nothing is kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
