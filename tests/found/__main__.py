"""Soak well-known packages in their newest releases, keep the results, write docs/found.md.

python -m tests.found [CASE...] [--again] [--keep DIR]

A package that has a result is not soaked again unless it is named with ``--again``, so that what was stopped goes on
where it was.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.found.case import load_cases
from tests.found.page import write_page
from tests.found.soaking import load_results, soak, store


def main() -> None:
    """Soak what is to be soaked, and say how each went."""
    arguments = _parse()
    for case in load_cases():
        is_asked = not arguments.cases or case.name in arguments.cases
        if not is_asked or (case.name in load_results() and not arguments.again):
            continue
        print(f"{case.name}: soaking ...", flush=True)
        try:
            result = soak(case, arguments.keep and arguments.keep / case.name)
        except RuntimeError as error:  # it cannot be installed
            print(f"{case.name}: {error}", flush=True)
            continue
        store(result)
        print(f"{case.name}: {result['verdict']} in {result['seconds']} s; {result['reason']}", flush=True)
    write_page()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Soak packages that serve Socket.IO or WebSockets.")
    parser.add_argument("cases", nargs="*", help="names of cases; default all")
    parser.add_argument("--again", action="store_true", help="soak although there is a result")
    parser.add_argument("--keep", type=Path, help="keep the runs' files in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
