"""One run of the campaign, and what its verdict comes to beside the truth."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.fast_forward.cases import APPS, PLAN, Case
from benchmarks.soaking import Soaked, soak
from tests.matrix.interpreters import bin_of

KEPT = Path("reports/runs/fast-forward")
LONGEST_S = 900.0


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One run: what it was, what the verdict says of the table, and whether that is right.

    ``after_s`` and ``by_s`` are the bracket of the time-to-live, ``by`` who emptied the table, at ``line``.
    """

    case: str
    number: int
    verdict: str
    exit_code: int
    is_right: bool
    first: str = ""
    reason: str = ""
    after_s: float | None = None
    by_s: float | None = None
    by: str = ""
    line: str = ""
    holds_at_most: float | None = None
    seconds: float
    forward_s: float
    load: float


def carry_out(case: Case, number: int) -> Record:
    """Soak the case once, and mark the verdict."""
    folder = (KEPT / f"{case.name} {number}").resolve()
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut off
    load = os.getloadavg()[0]
    python = bin_of(case.environment) / "python"
    variables = {"LEAKY": "1"} if case.is_leaky else {}
    options = (*PLAN, *case.options, "--fast-forward", case.forward, "--format", "json,png")
    said = soak(folder, options, [python, *case.command], directory=APPS, variables=variables, longest_s=LONGEST_S)
    return mark(case, number, said, measure_forward(folder), load)


def mark(case: Case, number: int, said: Soaked, forward_s: float, load: float) -> Record:
    """Return the record of a run."""
    verdict = said.verdict
    findings: list[dict[str, Any]] = verdict.get("findings", [])
    table = next((each for each in findings if each["name"] == f"{case.module}.{case.table}"), {})
    emptying = table.get("emptying") or {}
    first = findings[0]["name"] if findings else ""
    sites = emptying.get("sites") or [{}]
    return Record(
        case=case.name,
        number=number,
        verdict=verdict.get("verdict", ""),
        exit_code=said.exit_code,
        is_right=is_right(case, verdict.get("verdict", ""), first, emptying),
        first=first,
        reason=(table.get("reason") or verdict.get("reason") or said.printed[-300:]).replace(str(APPS.resolve()), "."),
        after_s=emptying.get("after_s"),
        by_s=emptying.get("by_s"),
        by=emptying.get("by", ""),
        line=f"{Path(sites[0]['file']).name}:{sites[0]['line']}" if sites[0] else "",
        holds_at_most=emptying.get("holds_at_most"),
        seconds=round(said.seconds, 1),
        forward_s=forward_s,
        load=round(load, 1),
    )


def is_right(case: Case, verdict: str, first: str, emptying: dict[str, Any]) -> bool:
    """Whether the verdict is true: a leak that names its table, or bounded, with a bracket around how long it stays."""
    if case.is_leaky:
        return verdict == "leak" and first == f"{case.module}.{case.named}"
    least_s, most_s = case.stay_s
    return verdict == "bounded" and bool(emptying) and emptying["after_s"] <= most_s and emptying["by_s"] >= least_s


def measure_forward(folder: Path) -> float:
    """Return how many seconds of the run the fast-forward took, by its records; 0 where there was none."""
    file = folder / "run.jsonl"
    lines = file.read_bytes().splitlines() if file.exists() else []
    records = [msgspec.json.decode(line) for line in lines]
    rests = [record for record in records if record["record"] == "sample" and record["kind"] == "rest"]
    times = [record["t_s"] for record in rests if record["phase"] == "drain"]
    return round(max(times) - min(times), 1) if times else 0.0
