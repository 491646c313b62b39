"""Make the runs of the campaign that are missing, and write docs/accuracy.md from all that were made.

    python -m benchmarks.accuracy [--rounds 3] [--only 'fd*,trap'] [--minutes 9] [--jobs 2]

Each run is appended to reports/reference/accuracy/runs.jsonl when it has ended, so that it can be interrupted at any
moment and goes on where it was; several may work at once. Exit code 1 if a run of this call missed.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.accuracy import records
from benchmarks.accuracy.cases import SLICE_PLAN, all_cases, choose
from benchmarks.accuracy.explanations import is_superseded, read_explanations
from benchmarks.accuracy.page import write_page
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.soaking import KEPT, describe, folder_of, judge_again, keep, name_run, soak
from soakproof.commands.ending import INTERRUPTED
from soakproof.development import find_python

SLICE = ("one-in-twenty", "clean collaboration, close and graceful", "zoo buffer", "zoo buffer, clean")


@contextmanager
def claimed(name: str) -> Iterator[bool]:
    """Say whether the run is ours to make: nobody else is making it now."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{folder_of(name).name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def go_on(rounds: int, only: str, minutes: float) -> int:
    """Make the runs that are missing until the minutes are over; return how many missed."""
    ends_s, missed = time.monotonic() + 60 * minutes, 0
    for case, number in choose(rounds, only):
        name = name_run(case, number)
        if case.version and not find_python(case.version):
            say(f"{name} is left out: no Python {case.version} on this machine; see soakproof doctor --development")
            continue
        with claimed(name) as is_ours:
            if not is_ours or name in made():
                continue
            if time.monotonic() > ends_s:
                say(f"time is over; {name} is next")
                break
            soaked = soak(case, number)
            if soaked.exit_code == INTERRUPTED:
                say(f"{name} was interrupted, and is next")
                break
            record = keep(soaked)
            records.append(record)
            missed += tell(record)
    return missed


def made() -> set[str]:
    """Return the runs that need not be made again."""
    explanations = read_explanations()
    return {one.run for one in records.newest(records.read()) if not is_superseded(one, explanations)}


def tell(record: Record) -> bool:
    """Say how a run ended; return whether it missed."""
    out = record.outcome
    named = {True: ", named", False: ", NOT named", None: ""}[out.is_named]
    right = "right" if out.is_found else "MISS"
    say(f"{right}{named}: {record.run}: {out.verdict} in {record.verdict_s:.0f} s; {out.reason}")
    return out.is_miss


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def rejudge(only: str) -> None:
    """Judge the stored runs again, and append the records of those that come out otherwise."""
    cases = {case.name: case for case, _ in choose(1, only)}
    for record in records.newest(records.read()):
        again = judge_again(record, cases[record.case]) if record.case in cases else None
        if again and again.outcome != record.outcome:
            records.append(again)
            tell(again)


def check_slice() -> int:
    """Soak a planted leak, an animal of the zoo and both without leak, shorter; return how many missed.

    Two are made at once. Nothing is recorded.
    """
    cases = [case for case in all_cases() if case.name in SLICE]
    with ThreadPoolExecutor(2) as pool:
        return sum(tell(record) for record in pool.map(lambda case: describe(soak(case, 0, SLICE_PLAN)), cases))


def main() -> None:
    """Read the command line, make runs, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="runs of each case that there are to be in all")
    parser.add_argument("--only", default="*", help="cases or groups, as patterns: 'fd*,trap'")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no run after so many")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--rejudge", action="store_true", help="judge the stored runs again instead")
    parser.add_argument("--slice", action="store_true", help="a short check of both kinds, for CI")
    options = parser.parse_args()
    missed = 0
    if options.slice:
        sys.exit(int(check_slice() > 0))
    if options.rejudge:
        rejudge(options.only)
    else:
        with ThreadPoolExecutor(options.jobs) as pool:
            worker = (options.rounds, options.only, options.minutes)
            missed = sum(pool.map(lambda _: go_on(*worker), range(options.jobs)))
    write_page()
    sys.exit(int(missed > 0))


if __name__ == "__main__":
    main()
