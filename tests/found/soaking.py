"""Soaks a package with the real command line, and keeps what was said as a line of results.jsonl."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.soaking import Soaked
from benchmarks.soaking import soak as run
from soakproof import __version__
from tests.corpus.soaking import describe, services, shorten, source_tree
from tests.found.case import APPS, HERE, Case
from tests.found.environments import list_versions, make_newest

RESULTS = HERE / "results.jsonl"
LONGEST_S = 600.0
MOST_CHARACTERS = 1500

Result = dict[str, Any]


def soak(case: Case, kept: Path | None = None) -> Result:
    """Soak a package's server, in a copy of its folder; return what was seen. ``kept`` is where the run's files go."""
    python = make_newest(case.install)
    with tempfile.TemporaryDirectory() as directory, services(case.needs) as variables:
        folder = shutil.copytree(APPS, Path(directory) / "apps")
        out = kept or Path(directory) / "run"
        shutil.rmtree(out, ignore_errors=True)  # an earlier run's verdict would be taken for this one's
        around = {"PATH": f"{python.parent}:{os.environ['PATH']}", "HOME": directory, **variables}
        server = [python, *case.command]
        done = run(out, case.all_options, server, directory=folder, variables=around, longest_s=LONGEST_S)
    return summarize(case, done, list_versions(python))


def summarize(case: Case, done: Soaked, installed: dict[str, str]) -> Result:
    """Return what is kept of a soak."""
    verdict = done.verdict
    by_name = {name.lower().replace("_", "-"): version for name, version in installed.items()}
    names = [package.partition("[")[0] for package in case.install]
    result = {
        "case": case.name,
        "package": case.package,
        "versions": {name: by_name[name] for name in names},
        "typed": case.typed(),
        "soakproof": __version__,
        "source_tree": source_tree(),
        "verdict": verdict.get("verdict", "none"),
        "seconds": round(done.seconds),
    }
    if not verdict:
        return {**result, "reason": done.printed[-MOST_CHARACTERS:]}
    leaks = [finding for finding in verdict["findings"] if finding["verdict"] == "leak"]
    follow = {name for finding in leaks for name in finding["consequences"]}
    return {
        **result,
        "python": verdict["target"]["python"],
        "connections": verdict["connections"],
        "drops": verdict["drops"],
        "reason": shorten(verdict["reason"]),
        "leaks": [describe(leak) for leak in leaks if leak["metric"] not in follow and leak["is_deciding"]],
    }


def store(result: Result) -> None:
    """Add a result; of a case the last one counts."""
    with RESULTS.open("a") as file:
        file.write(json.dumps(result) + "\n")


def load_results() -> dict[str, Result]:
    """Return the last result of each case."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {result["case"]: result for result in map(json.loads, lines)}
