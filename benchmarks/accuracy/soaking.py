"""One run of the campaign: the command, its seconds, and the record of its outcome."""

from __future__ import annotations

import lzma
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import soakproof
from benchmarks.accuracy import records
from benchmarks.accuracy.cases import Case, vary
from benchmarks.accuracy.marking import mark
from benchmarks.accuracy.provenance import describe_machine, read_commit
from benchmarks.accuracy.records import Record
from benchmarks.soaking import soak as run
from soakproof.judge import judge_run
from soakproof.judge.series import read_series
from soakproof.runfile import load_run
from soakproof.samples import Run
from tests.matrix.interpreters import bin_of

KEPT = Path("reports/runs/accuracy")
LONGEST_S = 540


@dataclass(frozen=True)
class Soaking:
    """What was run and how it ended; ``folder`` has the run's files."""

    case: Case
    number: int
    folder: Path
    command: list[str]
    exit_code: int
    seconds: float
    load: float

    @property
    def name(self) -> str:
        """The run's own name, the same whenever this run of this case is made."""
        return name_run(self.case, self.number)


def name_run(case: Case, number: int) -> str:
    """Return the name of a case's run of that number."""
    return f"{case.name} #{number}"


def folder_of(name: str) -> Path:
    """Return where the files of a run are kept, out of the repository."""
    return KEPT / "".join(letter if letter.isalnum() or letter in "-@." else "_" for letter in name)


def soak(case: Case, number: int, plan: tuple[str, ...] = ()) -> Soaking:
    """Run the case once and wait for its verdict; ``plan`` are options that replace the case's own."""
    folder = folder_of(name_run(case, number))
    shutil.rmtree(folder, ignore_errors=True)
    options = (*case.options, *plan, *vary(case, number))
    load = os.getloadavg()[0]
    python = str(bin_of(case.python) / "python") if case.python else sys.executable
    done = run(folder, [*options, "--format", "json"], [python, *case.target], longest_s=LONGEST_S)
    command = ["soakproof", "run", *options, "--", f"python{case.version}", *case.target]
    return Soaking(case, number, folder, command, done.exit_code, done.seconds, load)


def keep(soaking: Soaking) -> Record:
    """Return the record of a run, and keep of its files what judging it again needs."""
    packed = soaking.folder / "run.jsonl.xz"
    text = (soaking.folder / "run.jsonl").read_text().replace(f"{Path.cwd()}{os.sep}", "")
    packed.write_bytes(lzma.compress(text.encode()))
    record = describe(soaking)
    if record.outcome.is_miss:
        records.MISSES.mkdir(parents=True, exist_ok=True)
        shutil.copy(packed, records.MISSES / f"{soaking.folder.name}.jsonl.xz")
    return record


def describe(soaking: Soaking) -> Record:
    """Return the record of a run that has ended."""
    case = soaking.case
    run_of_case = load_run(soaking.folder)
    verdict = judge_run(run_of_case)
    return Record(
        run=soaking.name,
        case=case.name,
        group=case.group,
        number=soaking.number,
        command=soaking.command,
        commit=read_commit(),
        soakproof=soakproof.__version__,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=describe_machine(soaking.load),
        verdict_s=round(soaking.seconds, 1),
        measured_s=verdict.duration_s,
        connections=verdict.connections,
        outcome=mark(case, verdict, soaking.exit_code),
        series=clean_series(run_of_case) if case.group == "clean" else {},
    )


def clean_series(run: Run) -> dict[str, list[float]]:
    """Return the rest points of a clean run: connections, and the metrics that have noise."""
    wanted = {series.metric: series for series in read_series(run) if series.metric in records.SERIES}
    if not wanted:
        return {}
    xs = next(iter(wanted.values())).x.tolist()
    return {"connections": xs} | {metric: series.y.tolist() for metric, series in wanted.items()}


def judge_again(record: Record, case: Case) -> Record | None:
    """Return the record of a stored run as today's judge decides it; None where its files are not here.

    Of one that missed they are in the repository; what is there of one that was made again since is another's.
    """
    packed = folder_of(record.run) / "run.jsonl.xz"
    if not packed.exists() and record.outcome.is_miss:
        packed = records.MISSES / f"{folder_of(record.run).name}.jsonl.xz"
    if not packed.exists():
        return None
    unpacked = packed.with_name("again.jsonl")
    unpacked.write_bytes(lzma.decompress(packed.read_bytes()))
    try:
        verdict = judge_run(load_run(unpacked))
    finally:
        unpacked.unlink()
    outcome = mark(case, verdict, verdict.exit_code)
    return msgspec.structs.replace(record, commit=read_commit(), judged_again=True, outcome=outcome)
