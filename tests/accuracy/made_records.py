"""Records of runs that were never made."""

from __future__ import annotations

from benchmarks.accuracy.records import Culprit, Machine, Outcome, Record


def make_record(case="fd", number=1, verdict="leak", *, named=True, group="natural", hour=9, explained=None):
    culprit = Culprit(metric="fd:total", rate=0.1) if verdict == "leak" else None
    right = {"natural": "leak", "rare": "leak"}.get(group, "bounded")
    outcome = Outcome(
        verdict=verdict,
        exit_code=1,
        is_found=verdict == right,
        is_named=named and verdict == "leak" if right == "leak" else None,
        reason="because",
        culprit=culprit,
        explained=explained,
    )
    return Record(
        run=f"{case} #{number}",
        case=case,
        group=group,
        number=number,
        command=["soakproof"],
        commit="abc",
        soakproof="0.1.0",
        date=f"2026-01-02T{hour:02}:00:00+00:00",
        machine=Machine(cores=2, cpu="a cpu", memory_gib=4.0, load=1.0, python="3.11.7"),
        verdict_s=60.0,
        measured_s=40.0,
        connections=2400,
        outcome=outcome,
    )
