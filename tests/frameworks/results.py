"""What was seen when each application was soaked as the cookbook says, kept as lines of results.jsonl."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from benchmarks.soaking import Soaked
from soakproof import __version__
from tests.corpus.soaking import describe, shorten, source_tree
from tests.frameworks.cases import CASES, HERE, LEAKY

RESULTS = HERE / "results.jsonl"
MOST_CHARACTERS = 1500

Result = dict[str, Any]


def summarize(name: str, side: str, done: Soaked) -> Result:
    """Return what is kept of a soak; the load is that of the machine's last minute."""
    verdict = done.verdict
    result = {
        "name": name,
        "side": side,
        "typed": CASES[name].line_of(side),
        "soakproof": __version__,
        "source_tree": source_tree(),
        "verdict": verdict.get("verdict", "none"),
        "seconds": round(done.seconds),
        "load": round(os.getloadavg()[0], 1),
    }
    if not verdict:
        return {**result, "reason": done.printed[-MOST_CHARACTERS:], "is_right": False}
    leaks = [describe(finding) for finding in verdict["findings"] if finding["verdict"] == "leak"]
    return {
        **result,
        "is_right": is_right(name, side, done),
        "python": verdict["target"]["python"],
        "connections": verdict["connections"],
        "reason": shorten(verdict["reason"]),
        "first": leaks[0] if leaks else None,
        "said": pick_said(done.printed),
    }


def pick_said(printed: str) -> str:
    """Return what a page shows of all that was printed: the verdict, and how much it took."""
    verdict = re.search(r"^[●▲◆■].*?^ *exit code \d$", printed, re.MULTILINE | re.DOTALL)
    took = re.search(r"^ *[\d,]+ connections · .*? at once · in [^·]*", printed, re.MULTILINE)
    return "\n\n".join(found[0].rstrip() for found in (verdict, took) if found)


def is_right(name: str, side: str, done: Soaked) -> bool:
    """Whether a clean side is bounded, and of a leaky one the container comes first and the line is said."""
    if side != LEAKY:
        return bool(done.verdict.get("verdict") == "bounded")
    if done.verdict.get("verdict") != "leak":
        return False
    owner = (done.verdict["findings"][0]["culprit"] or {}).get("owner") or ""
    return owner.rpartition(":")[2] == CASES[name].culprit and CASES[name].line in done.printed


def store(result: Result) -> None:
    """Add a result; of a side the last one counts."""
    with RESULTS.open("a") as file:
        file.write(json.dumps(result) + "\n")


def load_results() -> dict[tuple[str, str], Result]:
    """Return the last result of each side of each case."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return {(result["name"], result["side"]): result for result in map(json.loads, lines)}
