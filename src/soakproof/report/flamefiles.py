"""The stacks of what stays for other people's viewers: speedscope, collapsed text, pprof."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from soakproof.judge.verdict import Verdict
from soakproof.report.files import write_file
from soakproof.report.protobuf import Message
from soakproof.report.stacks import Stayed, find_stayed, name_frame
from soakproof.samples import Run

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"  # by which speedscope knows its own files
SEPARATORS = re.compile(r"[;\s]+")


def write_speedscope(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``stacks.speedscope.json``, where the second pass found what stays."""
    stayed = find_stayed(run, verdict)
    return _write(out / "stacks.speedscope.json", msgspec.json.encode(to_speedscope(stayed, run))) if stayed else []


def write_collapsed(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``stacks.collapsed.txt``, where the second pass found what stays."""
    stayed = find_stayed(run, verdict)
    return _write(out / "stacks.collapsed.txt", to_collapsed(stayed).encode()) if stayed else []


def write_pprof(run: Run, verdict: Verdict, out: Path) -> list[Path]:
    """Write ``stacks.pb.gz``, where the second pass found what stays."""
    stayed = find_stayed(run, verdict)
    return _write(out / "stacks.pb.gz", gzip.compress(to_pprof(stayed), mtime=0)) if stayed else []


def to_speedscope(stayed: Sequence[Stayed], run: Run) -> dict[str, Any]:
    """Return a file of speedscope's: bytes, and allocations, that stayed over the traced wave."""
    table = {frame: at for at, frame in enumerate(dict.fromkeys(frame for each in stayed for frame in each.frames))}
    samples = [[table[frame] for frame in each.frames] for each in stayed]

    def profile(name: str, unit: str, weights: list[int]) -> dict[str, Any]:
        ends = {"startValue": 0, "endValue": sum(weights)}
        return {"type": "sampled", "name": name, "unit": unit, **ends, "samples": samples, "weights": weights}

    over = f"over {stayed[0].connections:,} connections"
    return {
        "$schema": SPEEDSCOPE_SCHEMA,
        "name": f"what stays, {run.header.started_at}",
        "exporter": f"soakproof {run.header.soakproof}",
        "activeProfileIndex": 0,
        "shared": {
            "frames": [{"name": frame.function or "?", "file": frame.file, "line": frame.line} for frame in table]
        },
        "profiles": [
            profile(f"bytes that stayed {over}", "bytes", [each.bytes for each in stayed]),
            profile(f"allocations that stayed {over}", "none", [each.objects for each in stayed]),
        ],
    }


def to_collapsed(stayed: Sequence[Stayed]) -> str:
    """Return a line per stack: its frames, outermost first, and the bytes that stayed."""
    lines = [
        f"{';'.join(SEPARATORS.sub(' ', name_frame(frame)) for frame in each.frames)} {each.bytes}" for each in stayed
    ]
    return "\n".join(lines) + "\n"


def to_pprof(stayed: Sequence[Stayed]) -> bytes:
    """Return a profile of pprof's (`profile.proto` of google/pprof), not compressed yet."""
    texts: dict[str, int] = {"": 0}

    def text(said: str) -> int:
        return texts.setdefault(said, len(texts))

    profile = Message()
    for name, unit in (("retained_objects", "count"), ("retained_space", "bytes")):
        profile.add_message(1, Message().add_number(1, text(name)).add_number(2, text(unit)))
    table = {frame: at for at, frame in enumerate(dict.fromkeys(frame for each in stayed for frame in each.frames), 1)}
    for each in stayed:
        leaf_first = [table[frame] for frame in reversed(each.frames)]
        profile.add_message(2, Message().add_numbers(1, leaf_first).add_numbers(2, [each.objects, each.bytes]))
    for frame, at in table.items():
        line = Message().add_number(1, at).add_number(2, frame.line)
        profile.add_message(4, Message().add_number(1, at).add_message(4, line))
    for frame, at in table.items():
        named, file = text(frame.function or "?"), text(frame.file)
        function = Message().add_number(1, at).add_number(2, named).add_number(3, named).add_number(4, file)
        profile.add_message(5, function)
    comment, usual = text(f"what stayed over {stayed[0].connections:,} connections"), text("retained_space")
    for said in texts:
        profile.add_text(6, said)
    return profile.add_number(13, comment).add_number(14, usual).encode()


def _write(file: Path, content: bytes) -> list[Path]:
    return [write_file(file, content)]
