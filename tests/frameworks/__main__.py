"""Soak the cookbook's applications as it says, keep the results, and write its table.

python -m tests.frameworks [NAME...] [--side clean|leaky] [--again] [--keep DIR]

What has a result of the source as it is committed is not soaked again without ``--again``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from tests.corpus.soaking import source_tree
from tests.frameworks.cases import CASES, SIDES
from tests.frameworks.page import write_page, write_recipes
from tests.frameworks.results import load_results, store, summarize
from tests.frameworks.soaking import soak


def main() -> None:
    """Soak what is to be soaked, one after the other, and say how each went."""
    arguments = _parse()
    for name in arguments.names or CASES:
        for side in arguments.side or SIDES:
            known = load_results().get((name, side))
            if known and known["source_tree"] == source_tree() and not arguments.again:
                continue
            with tempfile.TemporaryDirectory() as directory:
                work = Path(arguments.keep or directory) / f"{name}-{side}"
                shutil.rmtree(work, ignore_errors=True)
                result = summarize(name, side, soak(name, side, work, options=()))
            store(result)
            said = "right" if result["is_right"] else "WRONG"
            print(
                f"{name} {side}: {said}, {result['verdict']} in {result['seconds']} s; {result['reason']}", flush=True
            )
    write_page()
    write_recipes()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Soak new applications of frameworks, clean and leaky.")
    parser.add_argument("names", nargs="*", choices=[[], *CASES], help="frameworks; default all")
    parser.add_argument("--side", action="append", choices=SIDES, help="default both")
    parser.add_argument("--again", action="store_true", help="soak although there is a result")
    parser.add_argument("--keep", metavar="DIR", help="keep the runs' files in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()
