"""Soak the corpus, keep the results, write docs/corpus.md.

python -m tests.corpus [CASE...] [--again] [--jobs N]

A side that has a result is not soaked again, unless its case has changed or ``--again`` is given, so that what was
stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.corpus.case import Build, Case, load_cases
from tests.corpus.environment import MissingPythonError
from tests.corpus.soaking import shortcomings, soak, store, stored
from tests.corpus.table import write_table


def main() -> int:
    """Soak what is to be soaked; return 1 if any result falls short."""
    arguments = _parse()
    cases = load_cases()
    chosen = [case for case in cases if not arguments.cases or case.name in arguments.cases]
    if unknown := set(arguments.cases) - {case.name for case in cases}:
        sys.exit(f"no such case: {', '.join(unknown)}; there are {', '.join(case.name for case in cases)}")
    sides = [(case, build) for case in chosen for build in case.builds.values()]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        met = list(pool.map(lambda side: _carry_out(*side, again=arguments.again), sides))
    write_table(cases)
    return 0 if all(met) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Soak real leaks of libraries, before and after they were mended.")
    parser.add_argument("cases", nargs="*", help="names of cases; default all")
    parser.add_argument("--again", action="store_true", help="soak although there is a result")
    parser.add_argument("--jobs", type=int, default=1, help="soaks at a time; each wants a core")
    return parser.parse_args()


def _carry_out(case: Case, build: Build, *, again: bool) -> bool:
    """Soak one side unless it has a result; say how it went, and return whether it is as demanded."""
    label = f"{case.name}, {build.what}"
    result = None if again else stored(case, build)
    if result is None:
        print(f"{label}: soaking ...", flush=True)
        try:
            result = soak(case, build)
        except MissingPythonError as error:
            print(f"{label}: skipped: {error}", flush=True)
            return True
        store(result)
    short = shortcomings(case, result)
    print(f"{label}: {result['verdict']}{''.join(f'; FALLS SHORT: {what}' for what in short)}", flush=True)
    return not short


if __name__ == "__main__":
    sys.exit(main())
