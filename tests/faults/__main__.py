"""``make faults``: each fault three times, going on where it was stopped, and docs/reliability.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable

from tests.faults.attempts import FILE, Attempt, read_attempts
from tests.faults.page import write_page


def main() -> int:
    """Try what has not been tried yet, write the page; red where a promise was broken at the last attempt."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="attempts at each fault")
    parser.add_argument("--only", default="", help="faults whose tests match this expression (pytest -k)")
    parser.add_argument("--jobs", type=int, default=6, help="soaks at a time")
    options = parser.parse_args()
    began_s = time.monotonic()
    for number in range(1, options.rounds + 1):
        try_all(number, options.only, options.jobs)
    attempts = list(latest())
    write_page(read_attempts(FILE))
    held, minutes = sum(attempt.is_held for attempt in attempts), (time.monotonic() - began_s) / 60
    sys.stdout.write(f"faults: {held} of {len(attempts)} attempts held; {minutes:.1f} minutes for those of now\n")
    return 0 if held == len(attempts) else 1


def try_all(number: int, only: str, jobs: int) -> None:
    """Try the faults that this round lacks."""
    words = ["-q", "--numprocesses", str(jobs), "--dist", "worksteal", "--attempts", str(FILE), "--round", str(number)]
    command = [sys.executable, "-m", "pytest", *words, "-k", only, "tests/faults"]
    subprocess.run(command, check=False)


def latest() -> Iterable[Attempt]:
    """Return the last attempt of each round at each fault."""
    return {(attempt.test, attempt.round): attempt for attempt in read_attempts(FILE)}.values()


if __name__ == "__main__":
    sys.exit(main())
