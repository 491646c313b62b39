"""``verdict.json``: the verdict for programs; its shape is `soakproof.wording.view`'s."""

from __future__ import annotations

from pathlib import Path

import msgspec

from soakproof.judge.verdict import Verdict
from soakproof.report.files import write_file
from soakproof.samples import Run
from soakproof.wording.view import view_verdict


def write_verdict_json(_run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``verdict.json``; an interval that the run was too short for has nulls for its ends."""
    file = out / "verdict.json"
    return [write_file(file, msgspec.json.format(msgspec.json.encode(view_verdict(verdict)), indent=2) + b"\n")]
