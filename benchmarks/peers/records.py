"""The data: a line per run, appended when it has ended; what was run already is not run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RUNS = Path("reports/reference/peers/runs.jsonl")


def read() -> list[dict[str, Any]]:
    """Return all records; the last of a case and tool counts."""
    lines = RUNS.read_text().splitlines() if RUNS.exists() else []
    return list({(each["case"], each["tool"]): each for each in map(json.loads, lines)}.values())


def append(record: dict[str, Any]) -> None:
    """Append one."""
    RUNS.parent.mkdir(parents=True, exist_ok=True)
    with RUNS.open("a") as stream:
        stream.write(json.dumps(record) + "\n")
