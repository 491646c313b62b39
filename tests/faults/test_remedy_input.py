"""What cannot be remedied is told in a sentence, before anything is soaked, and nothing is written."""

from __future__ import annotations

import pytest

from benchmarks.soaking import soakproof
from soakproof.judge.account import PARTS
from soakproof.runfile import encode
from soakproof.samples import AnyRecord
from tests.synthetic_drafts import MIB
from tests.synthetic_runs import make_run

COMMAND = ["python", "-m", "server", "--port", "{port}"]


def store(folder, gains, options=None, **more):
    """Write a made-up run in which parts of memory gained so many MiB after the baseline; without any, none is told."""
    run = make_run("bounded")
    run.header.options = {"command": COMMAND} if options is None else options
    for sample in run.samples if gains else ():
        if sample.kind == "rest":
            is_later = sample.phase != "baseline"
            sample.account = {name: 10.0 * MIB + is_later * gains.get(name, 0) * MIB for name in PARTS}
            sample.account |= {name: float(value) for name, value in more.items()}
    records: list[AnyRecord | None] = [
        run.header,
        *run.metrics.values(),
        *run.samples,
        *run.waves,
        *run.settles,
        run.end,
    ]
    folder.mkdir()
    (folder / "run.jsonl").write_bytes(b"".join(encode(record) for record in records if record))


@pytest.mark.parametrize(
    ("gains", "more", "arguments", "said"),
    [
        ({}, {}, COMMAND, "says nothing of where its memory lay; need a run of this version: soak again"),
        ({"heap_free": 2}, {}, COMMAND, "there is nothing to remedy here"),
        ({"python_in_use": 40}, {}, COMMAND, "40.0 MiB in use by Python. Need a run of which the allocator holds free"),
        (
            {"python_free": 40},
            {"garbage": 30 * MIB, "collects_every": 250_000_000},
            COMMAND,
            "call gc.collect() now and then, or lower",
        ),
        ({"heap_free": 40}, {}, [], "got no command; need the server it is of: -- python -m server"),
        ({"heap_free": 40}, {}, ["python", "-m", "other"], "got python -m other; need the server it is of"),
    ],
)
def test_what_cannot_be_remedied(tmp_path, gains, more, arguments, said):
    """Exit code 2, one sentence that says what was got and what is needed, and the folder is as it was."""
    store(tmp_path / "base", gains, **more)
    done = soakproof("remedy", "base", "--out", "new", "--", *arguments, directory=tmp_path)
    printed = " ".join(done.printed.split())
    assert "Traceback" not in printed, printed
    assert (done.exit_code, said in printed) == (2, True), printed
    assert [file.name for file in tmp_path.rglob("*")] == ["base", "run.jsonl"]


def test_a_run_that_was_attached_has_no_command(tmp_path):
    """A server that runs has its malloc set already."""
    store(tmp_path / "base", {"heap_free": 40}, options={})
    done = soakproof("remedy", "base", "--out", "new", "--", *COMMAND, directory=tmp_path)
    assert done.exit_code == 2
    assert "holds no command, because it was attached" in " ".join(done.printed.split())


def test_a_directory_that_is_there_is_not_written_to(tmp_path):
    """Nothing is ever overwritten."""
    store(tmp_path / "base", {"heap_free": 40})
    done = soakproof("remedy", "base", "--out", "base", "--", *COMMAND, directory=tmp_path)
    assert done.exit_code == 2
    assert "--out base: is there already" in " ".join(done.printed.split())
