"""Sittings of a long soak: one that was killed counts for what it measured, and the next goes on from there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.soak_million import (
    CONFIG,
    SERVER,
    close_run,
    connections_per_client,
    pack,
    read_sitting,
    summarize,
)
from soakproof.config import build_config
from soakproof.measure.harness import DIRECTORY
from soakproof.runfile import encode, load_run
from soakproof.samples import AnyRecord
from soakproof.wording import say_warning
from tests.synthetic_runs import make_run

PROJECT = Path(__file__).parents[2]
MILLION = PROJECT / "reports" / "reference" / "soak-million"


def write_killed(directory):
    """A run whose last line was being written when it was killed."""
    run = make_run()
    records: list[AnyRecord] = [run.header, *run.metrics.values(), *run.samples, *run.waves, *run.settles]
    for place in (directory, directory / DIRECTORY):
        place.mkdir(parents=True)
        lines = b"".join(map(encode, records))
        (place / "run.jsonl").write_bytes(lines + b'{"record":"sample","t_s":9')
    return run


def test_a_killed_sitting_is_ended_and_judged(tmp_path):
    """It is given the end that it could not write, which says so; the half line is cut, and nothing else is changed."""
    run = write_killed(tmp_path / "sitting-1")
    sitting = read_sitting(tmp_path / "sitting-1")
    assert (sitting.run.end.outcome, sitting.run.end.reason) == ("interrupted", "cut short, and ended later")
    assert sitting.connections == sum(wave.opened for wave in run.waves)
    assert (sitting.run.samples, sitting.run.waves) == (run.samples, run.waves)
    assert "interrupted" in " ".join(map(say_warning, sitting.verdict.warnings))


def test_a_sitting_that_ended_is_left_as_it_is(tmp_path):
    """Reading it twice appends nothing."""
    write_killed(tmp_path / "sitting-1")
    for _ in range(2):
        close_run(tmp_path / "sitting-1")
    assert load_run(tmp_path / "sitting-1").end.outcome == "interrupted"


def test_a_sitting_forgets_where_its_interpreter_lies(tmp_path):
    """What is committed names no path of the machine it was made on; the run is read as before."""
    write_killed(tmp_path / "sitting-1")
    file = tmp_path / "sitting-1" / "run.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"command":[', b'"command":["%s",' % sys.executable.encode(), 1))
    assert read_sitting(tmp_path / "sitting-1").run.header.target.command[0] == "python"
    assert sys.executable.encode() not in file.read_bytes()


def test_the_summary_counts_all_sittings(tmp_path):
    """Each has its line, with how it ended and both verdicts; the connections are of all together."""
    for name in ("sitting-1", "sitting-2"):
        write_killed(tmp_path / name)
    sittings = [read_sitting(tmp_path / name) for name in ("sitting-1", "sitting-2")]
    page = summarize(sittings, 1.5)
    assert f"# {2 * sittings[0].connections:,} connections" in page
    assert page.count("| interrupted |") == 2
    assert "sitting-2/summary.md" in page


def test_a_packed_sitting_reads_as_before(tmp_path):
    """A run that is compressed to be committed is judged the same, and takes a fraction of the room."""
    write_killed(tmp_path / "sitting-1")
    before = read_sitting(tmp_path / "sitting-1")
    size = (tmp_path / "sitting-1" / "run.jsonl").stat().st_size
    pack(tmp_path / "sitting-1")
    assert not (tmp_path / "sitting-1" / "run.jsonl").exists()
    assert (tmp_path / "sitting-1" / "run.jsonl.gz").stat().st_size < size / 4
    assert read_sitting(tmp_path / "sitting-1") == before


def test_a_client_makes_more_than_one_connection_where_some_come_back():
    """Storms reconnect, so a million connections take fewer clients."""
    storms = build_config({"command": SERVER}, Path(CONFIG)).drop["storm"]
    assert connections_per_client() == 1 + storms / 100


def test_the_committed_million_is_its_packed_run_and_is_judged_from_it():
    """Git keeps no page of it: from the packed run soakproof comes to the same verdict, and draws the page again."""
    sitting = read_sitting(MILLION / "sitting-1")
    assert sitting.is_bounded
    assert f"# {sitting.connections:,} connections" in (MILLION / "summary.md").read_text()
    assert sitting.connections > 1_000_000
    listed = subprocess.run(["git", "ls-files", MILLION], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert {Path(name).suffix for name in listed.stdout.split()} <= {".gz", ".md", ".json"}
    assert "report.html" not in listed.stdout
