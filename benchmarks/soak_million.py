"""A million connections against the reference server, in every drop mode, in as many sittings as it takes.

Each sitting is a run of soakproof in a directory of its own, with a target of its own; a sitting that was stopped, by
Ctrl-C or by a dead machine, counts for what it measured, and the next one makes the rest. Which sittings there were,
and that the target began anew in each, stands in the report of every one, and in ``summary.md``; what made a sitting,
in its ``provenance.json``.

A sitting begins with waves, whose rest points show what each client leaves, and makes the others at a steady rate: in
waves alone half of the time goes by in waiting for the target to settle. What the million left shows at the rest point
after it.

    python -m benchmarks.soak_million [--connections 1000000] [--clients 2000] [--rate 300] [--out DIR]
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.accuracy.provenance import describe_machine, read_commit
from benchmarks.accuracy.records import Machine
from soakproof.config import build_config
from soakproof.judge import judge_run
from soakproof.judge.verdict import Verdict
from soakproof.load.drops import MODES
from soakproof.measure.harness import DIRECTORY
from soakproof.report import write_reports
from soakproof.runfile import PACKED, encode, find_run, load_run
from soakproof.samples import End, Run
from soakproof.wording import say_verdict_reason

CONFIG = "loadtests/million.toml"
FORMATS = ("html", "json", "md")  # of which git keeps the summaries alone: the packed run gives all others again
SERVER = [sys.executable, "-m", "server", "--port", "{port}", "--clock-speed", "7200"]
WAVES = 8
WARMUP = 2
SURPLUS = 1.001  # a few of a million clients do not get in
MAX_REPORT_S = 10.0


PROVENANCE = "provenance.json"


class Provenance(msgspec.Struct, kw_only=True):
    """The command, the commit and the machine that a sitting was made with, and when it began."""

    command: list[str]
    commit: str
    date: str
    machine: Machine


class Sitting(NamedTuple):
    """A run that has ended, and what became of it."""

    directory: Path
    run: Run
    verdict: Verdict
    harness: Verdict

    @property
    def connections(self) -> int:
        """How many connections it made, those of a steady phase that was cut short included."""
        counted = max((sample.connections for sample in self.run.samples), default=0)
        return max(counted, sum(wave.opened for wave in self.run.waves))

    @property
    def is_bounded(self) -> bool:
        """Whether target and harness both were."""
        return self.verdict.verdict == self.harness.verdict == "bounded"


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def read_sitting(directory: Path) -> Sitting:
    """Judge a sitting again; one that was killed is given the end that it did not write itself."""
    forget_machine(directory)
    run, harness = (load_run(close_run(path)) for path in (directory, directory / DIRECTORY))
    return Sitting(directory, run, judge_run(run), judge_run(harness))


def close_run(path: Path) -> Path:
    """Have a run end as interrupted where it was cut short; what it measured until then stays measured."""
    run = load_run(path)
    if run.end is None:
        file = find_run(path)
        whole = file.read_bytes().rpartition(b"\n")[0] + b"\n"
        last_s = max((sample.t_s for sample in run.samples), default=0.0)
        file.write_bytes(whole + encode(End(t_s=last_s, outcome="interrupted", reason="cut short, and ended later")))
    return path


def connections_per_client() -> float:
    """Return how many connections a client of the scenario makes on average: some drop modes come back."""
    drops = build_config({"command": SERVER}, Path(CONFIG)).drop
    return sum(share * (1 + MODES[mode].comes_back) for mode, share in drops.items()) / sum(drops.values())


def sit(out: Path, sittings: list[Sitting], wanted: int, clients: int, rate: float) -> Sitting:
    """Make what is missing in a run of its own."""
    made = sum(sitting.connections for sitting in sittings)
    in_waves = (WAVES + WARMUP) * clients * connections_per_client()
    steady_s = math.ceil(max(wanted - made - in_waves, 0) / (rate * connections_per_client()) * SURPLUS)
    directory = out / f"sitting-{len(sittings) + 1}"
    note = (
        f"sitting {len(sittings) + 1} of a soak of {wanted:,} connections: {made:,} were made in {len(sittings)} before"
    )
    restarts = f"; the target, and its memory, began anew {len(sittings)} times" if sittings else ""
    command = ["run", "--config", CONFIG, "--out", str(directory)]
    sizes = ["--waves", str(WAVES), "--max-waves", str(WAVES), "--clients", str(clients), "--warmup", str(WARMUP)]
    steady = ["--steady", str(steady_s), "--rate", f"{rate:g}"]
    formats = ["--format", "text,json", "--note", note + restarts]
    words = [*command, *sizes, *steady, *formats, "--", *SERVER]
    made_with = Provenance(
        command=["soakproof", *words[: -len(SERVER)], "python", *SERVER[1:]],
        commit=read_commit(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=describe_machine(os.getloadavg()[0]),
    )
    try:
        subprocess.run([sys.executable, "-m", "soakproof", *words], check=False)  # noqa: S603  # soakproof itself
    finally:  # Ctrl-C ends both, and the sitting counts all the same
        if directory.exists():
            (directory / PROVENANCE).write_bytes(msgspec.json.format(msgspec.json.encode(made_with)) + b"\n")
    return read_sitting(directory)


def forget_machine(directory: Path) -> None:
    """Have the run call its interpreter what it is called elsewhere, and not by where it lies on this machine."""
    file = find_run(directory)
    if file.suffix != PACKED:
        file.write_bytes(file.read_bytes().replace(sys.executable.encode(), b"python"))


def build_reports(sitting: Sitting) -> float:
    """Write the reports of a sitting; return the seconds that it took."""
    started_s = time.perf_counter()
    write_reports(sitting.run, sitting.verdict, sitting.directory, list(FORMATS))
    taken_s = time.perf_counter() - started_s
    harness = load_run(sitting.directory / DIRECTORY)
    write_reports(harness, sitting.harness, sitting.directory / DIRECTORY, list(FORMATS))
    return taken_s


def pack(directory: Path) -> None:
    """Compress the run of a sitting, and of its harness, to what can be committed; soakproof reads it so, too."""
    for file in (directory / "run.jsonl", directory / DIRECTORY / "run.jsonl"):
        if file.exists():
            file.with_suffix(f".jsonl{PACKED}").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            file.unlink()


def summarize(sittings: list[Sitting], report_s: float) -> str:
    """Return the page that says what was run and what came of it."""
    made = sum(sitting.connections for sitting in sittings)
    in_waves_s = sum(wave.t_end_s - wave.t_start_s for sitting in sittings for wave in sitting.run.waves)
    whole_s = sum(sitting.run.end.t_s for sitting in sittings if sitting.run.end)
    lines = [
        f"# {made:,} connections against the reference server",
        "",
        f"In {len(sittings)} sitting(s), each against a target of its own.",
        f"{made / max(whole_s, 1):.0f} connections/s all told, {made / max(in_waves_s, 1):.0f}/s within waves.",
        f"Report built in {report_s:.1f} s.",
        "",
        "| sitting | connections | ended | the server | soakproof itself |",
        "|---|---|---|---|---|",
    ]
    for sitting in sittings:
        end = sitting.run.end.outcome if sitting.run.end else "cut short"
        name = f"[{sitting.directory.name}]({sitting.directory.name}/summary.md)"
        verdicts = " | ".join(
            f"{verdict.verdict}: {say_verdict_reason(verdict)}" for verdict in (sitting.verdict, sitting.harness)
        )
        lines.append(f"| {name} | {sitting.connections:,} | {end} | {verdicts} |")
    lines += ["", *filter(None, (say_provenance(sitting) for sitting in sittings))]
    drops: dict[str, int] = {}
    for wave in (wave for sitting in sittings for wave in sitting.run.waves):
        for mode, count in wave.dropped.items():
            drops[mode] = drops.get(mode, 0) + count
    told = ", ".join(f"{mode} {count:,}" for mode, count in sorted(drops.items(), key=lambda pair: -pair[1]))
    page = f"The page of a sitting: `soakproof report {sittings[-1].directory} --format html`."
    return "\n".join([*lines, "", f"Dropped: {told}.", "", page, ""])


def say_provenance(sitting: Sitting) -> str:
    """Return a line on what a sitting was made with; nothing of one that was killed before it could be noted."""
    file = sitting.directory / PROVENANCE
    if not file.exists():
        return ""
    made = msgspec.json.decode(file.read_bytes(), type=Provenance)
    machine = made.machine
    return (
        f"{sitting.directory.name}: `{' '.join(made.command)}` at commit {made.commit}, {made.date}, "
        f"on {machine.cores} cores of {machine.cpu}, {machine.memory_gib} GiB, Python {machine.python}.\n"
    )


def main() -> None:
    """Make what is missing, write the reports, and exit 0 if all is bounded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=300.0)
    parser.add_argument("--out", type=Path, default=Path("reports/reference/soak-million"))
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    sittings = [read_sitting(path.parent) for path in sorted(wanted.out.glob("sitting-*/run.jsonl*"))]
    if sum(sitting.connections for sitting in sittings) < wanted.connections:
        sittings.append(sit(wanted.out, sittings, wanted.connections, wanted.clients, wanted.rate))
    report_s = max(build_reports(sitting) for sitting in sittings)
    page = summarize(sittings, report_s)
    (wanted.out / "summary.md").write_text(page)
    say(page)
    is_whole = sum(sitting.connections for sitting in sittings) >= wanted.connections
    if is_whole:
        for sitting in sittings:
            pack(sitting.directory)
    sys.exit(not (is_whole and report_s <= MAX_REPORT_S and all(sitting.is_bounded for sitting in sittings)))


if __name__ == "__main__":
    main()
