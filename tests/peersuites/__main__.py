"""Run others' test suites with the agent in them, keep the results, write docs/peersuites.md.

python -m tests.peersuites [PROJECT...]

A test has fallen by the agent if it fails in every run with it and in none without; where a first pair of runs shows
one, two more pairs tell whether it is the test that is not steady.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from typing import Any

from tests.peersuites.running import Outcome, UnavailableError, prepare, run
from tests.peersuites.suites import SUITES, Suite
from tests.peersuites.table import RESULTS, write_table

MOST_PAIRS = 3


def main() -> int:
    """Run the suites that are named, or all; return 1 if a test fell, or a suite could not be run."""
    names = {suite.project.lower(): suite for suite in SUITES}
    wanted = [name.lower() for name in sys.argv[1:]] or list(names)
    if unknown := set(wanted) - names.keys():
        sys.exit(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    results = [attempt(names[name]) for name in wanted]
    write_table()
    return 1 if any(result.get("fallen", ["not run"]) for result in results) else 0


def attempt(suite: Suite) -> dict[str, Any]:
    """Run one suite, or say why that cannot be done."""
    try:
        return carry_out(suite)
    except UnavailableError as error:
        print(f"{suite.project}: not run: {error}", flush=True)
        return {}


def carry_out(suite: Suite) -> dict[str, Any]:
    """Run one suite in pairs, bare and with the agent, and keep what came of it."""
    sources = prepare(suite)
    result: dict[str, Any] = {}
    bare_fallen: set[str] = set()
    suspects: set[str] | None = None
    for pair in range(1, MOST_PAIRS + 1):
        bare, observed = run(suite, sources, has_agent=False), run(suite, sources, has_agent=True)
        bare_fallen |= bare.fallen()
        fallen = observed.fallen() | missing(bare, observed)
        suspects = fallen if suspects is None else suspects & fallen
        if not bare.count("passed"):
            print(
                f"{suite.project}: no test passes without the agent: see bare.log in {sources.parents[1]}", flush=True
            )
            return {}
        result = result or describe(suite, bare, observed)
        result |= {"fallen": sorted(suspects - bare_fallen), "pairs": pair}
        if not result["fallen"]:
            break
    print(json.dumps({key: value for key, value in result.items() if key != "refused"}), flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{suite.project.lower()}.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return result


def missing(bare: Outcome, observed: Outcome) -> set[str]:
    """Return the tests that were never come to with the agent: whoever ended the run before them is to blame."""
    return bare.tests.keys() - observed.tests.keys()


def describe(suite: Suite, bare: Outcome, observed: Outcome) -> dict[str, Any]:
    """Return what is kept of a first pair of runs."""
    counted = {"passed": Outcome.count, "failed": Outcome.count, "skipped": Outcome.count}
    return {
        "project": suite.project,
        "version": suite.version,
        "command": " ".join(suite.command),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "bare": {what: count(bare, what) for what, count in counted.items()},
        "observed": {what: count(observed, what) for what, count in counted.items()},
        "exit_codes": [bare.exit_code, observed.exit_code],
        "asked": sum(observed.answered.values()),
        "censuses": observed.answered.get("census", 0),
        "processes": observed.processes,
        "refused": observed.refused,
    }


if __name__ == "__main__":
    sys.exit(main())
