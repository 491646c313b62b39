"""Soaks one side of a case with the real command line, and keeps what was said as data."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.soaking import soak as run
from soakproof import __version__
from tests.corpus.case import Build, Case
from tests.corpus.environment import make_environment
from tests.server.redisdb import running_redis

RESULTS = Path(__file__).parent / "results"
PROJECT = Path(__file__).parents[2]
LONGEST_S = 900

Result = dict[str, Any]


def soak(case: Case, build: Build) -> Result:
    """Soak a build and return what soakproof printed about it."""
    python = make_environment(case.python, build.pins)
    with tempfile.TemporaryDirectory() as directory, services(case.needs) as variables:
        server = [python, *(word.replace("{app}", build.app) for word in case.run)]
        out = Path(directory) / "run"
        done = run(out, case.options, server, directory=case.folder, variables=variables, longest_s=LONGEST_S)
        if not done.verdict:
            raise RuntimeError(f"{case.name}, {build.name}: no verdict\n{done.printed}")
        return _summarise(case, build, done.verdict)


def store(result: Result) -> None:
    """Keep a result under ``results/``."""
    RESULTS.mkdir(exist_ok=True)
    place_of(result["case"], result["build"]).write_text(json.dumps(result, indent=2) + "\n")


def stored(case: Case, build: Build) -> Result | None:
    """Return the result kept of a build, None if there is none or the case has changed since."""
    file = place_of(case.name, build.name)
    result = json.loads(file.read_text()) if file.exists() else None
    return result if result and result["fingerprint"] == case.fingerprint() else None


def place_of(case_name: str, build_name: str) -> Path:
    """Return the file of a result."""
    return RESULTS / f"{case_name}-{build_name}.json"


def shortcomings(case: Case, result: Result) -> list[str]:
    """Return how a result falls short of what the case demands; nothing if it does not."""
    if result["build"] == "fixed":
        return [] if result["verdict"] == "bounded" else [f"{result['verdict']}, not bounded: {result['reason']}"]
    if result["verdict"] != "leak":
        return [f"{result['verdict']}, not a leak: {result['reason']}"]
    names = [leak["name"] for leak in result["leaks"]]
    short = [f"{culprit} is not convicted, but {', '.join(names)}" for culprit in case.culprits if culprit not in names]
    if names[0] not in case.culprits:
        short.append(f"{names[0]} is named first, before {', '.join(case.culprits)}")
    triggers = " ".join(str(leak["trigger"]) for leak in result["leaks"])
    if case.trigger not in triggers:
        short.append(f"{case.trigger} is not named as the trigger: {triggers}")
    return short


@contextmanager
def services(needs: Collection[str]) -> Iterator[dict[str, str]]:
    """Start what is needed beside a server; yield the environment variables that tell the server where."""
    if "redis" not in needs:
        yield {}
        return
    with running_redis() as url:
        yield {"REDIS_URL": url}


def _summarise(case: Case, build: Build, verdict: dict[str, Any]) -> Result:
    leaks = [finding for finding in verdict["findings"] if finding["verdict"] == "leak"]
    consequences = {name for finding in leaks for name in finding["consequences"]}
    return {
        "case": case.name,
        "build": build.name,
        "what": build.what,
        "fingerprint": case.fingerprint(),
        "soakproof": __version__,
        "source_tree": source_tree(),
        "command": [
            "soakproof",
            "run",
            *case.options,
            "--",
            "python",
            *(word.replace("{app}", build.app) for word in case.run),
        ],
        "python": verdict["target"]["python"],
        "versions": verdict["target"]["versions"],
        "verdict": verdict["verdict"],
        "reason": shorten(verdict["reason"]),
        "connections": verdict["connections"],
        "duration_s": round(verdict["duration_s"], 1),
        "leaks": [describe(finding) for finding in leaks if finding["metric"] not in consequences],
    }


def shorten(text: str) -> str:
    """Return a text with the paths in it as they are on any machine."""
    return re.sub(r"/\S*/(site-packages|cases|src|lib/python[\d.]+)/", "", text)


def describe(finding: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a leak: what grows, how fast, who keeps it, what fills it."""
    culprit = finding["culprit"] or {}
    fills = [site for site in culprit.get("sites", []) if site.get("role") == "fills"]
    return {
        "name": finding["name"],
        "kind": finding["kind"],
        "per_connection": round(finding["per_connection"], 4),
        "unit": finding["unit"],
        "owner": culprit.get("owner"),
        "package": culprit.get("package"),
        "trigger": culprit.get("trigger"),
        "filled_by": [f"{Path(site['file']).name}:{site['line']}" for site in fills],
    }


def source_tree() -> str:
    """Return git's name for soakproof's source as committed: unlike a commit's, it survives a rebase."""
    command = ["git", "-C", str(PROJECT), "rev-parse", "--short", "HEAD:src/soakproof"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
