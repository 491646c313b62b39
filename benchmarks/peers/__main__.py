"""Run every tool against every leak, and write docs/peers.md; goes on where it was interrupted.

python -m benchmarks.peers [--jobs 4] [--only buffer]
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.accuracy.provenance import read_commit
from benchmarks.peers import driving, marking, records
from benchmarks.peers.cases import Case, animals, real_cases
from benchmarks.peers.page import write_page
from benchmarks.peers.tools import BARE, TOOLS


def measure(case: Case, tool: str) -> None:
    """Run one tool against one leak, and keep what it said."""
    told = driving.run(case, tool)
    place = marking.find_place(case, told["lines"], tells_lines=TOOLS[tool].tells_lines)
    told["lines"] = [shorten(line) for line in told["lines"]]
    records.append({"case": case.name, "tool": tool, "commit": read_commit(), "place": place, **told})
    print(f"{case.name}, {tool}: {place or 'not among the first five'}", flush=True)  # noqa: T201 -- its progress


def shorten(line: str) -> str:
    """Return a line without the folders of this machine, a long stack without its outer end."""
    for folder in (Path.cwd(), sys.prefix, sys.base_prefix):
        line = line.replace(f"{folder}{os.sep}", "")
    stack, _, size = line.rpartition(" ") if " < " in line else (line, "", "")
    return stack if not size else f"{' < '.join(stack.split(' < ')[:8])} {size}"


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    made = {(each["case"], each["tool"]) for each in records.read()}
    cases = [case for case in (*animals(), *real_cases()) if asked.only in case.name]
    wanted = [(case, tool) for case in cases for tool in TOOLS if tool != BARE or not case.is_real]
    missing = [(case, tool) for case, tool in wanted if (case.name, tool) not in made]
    for tool in TOOLS:
        driving.packages_of(tool)
    with ThreadPoolExecutor(asked.jobs) as pool:
        list(pool.map(lambda pair: measure(*pair), missing))
    write_page()


if __name__ == "__main__":
    main()
