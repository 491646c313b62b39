"""What cannot be verified is told in a sentence, before anything is soaked, and nothing is written."""

from __future__ import annotations

import pytest

from benchmarks.soaking import soakproof
from tests.synthetic_runs import lines_of, make_run

COMMAND = ["python", "-m", "server", "--port", "{port}"]


def store(folder, kind, options=None):
    """Write a made-up run where a stored one would be."""
    run = make_run(kind)
    run.header.options = {"command": COMMAND} if options is None else options
    folder.mkdir()
    (folder / "run.jsonl").write_bytes(b"".join(lines_of(run)))


def verify(*arguments, cwd):
    """Return exit code and what was printed; a traceback fails the test."""
    done = soakproof("verify", *arguments, directory=cwd)
    printed = " ".join(done.printed.split())
    assert "Traceback" not in printed, printed
    return done.exit_code, printed


@pytest.mark.parametrize(
    ("kind", "options", "command", "said"),
    [
        ("bounded", None, COMMAND, "its verdict is bounded; need a run that found a leak"),
        (
            "leak",
            None,
            [],
            "got no command; say how the mended server starts: soakproof verify base -- python -m server",
        ),
        ("leak", None, ["python", "-m", "other"], "need the same server, mended"),
        ("leak", {}, COMMAND, "holds no command, because it was attached"),
        ("leak", {"command": COMMAND, "auth": None}, COMMAND, "--auth: the stored run was made with it"),
        ("leak", {"command": COMMAND, "load": "touch owned"}, COMMAND, "what a file says is not executed; look at it"),
        (
            "leak",
            {"command": COMMAND, "locustfile": "../users.py"},
            COMMAND,
            "--locustfile: the stored run was made with",
        ),
        ("leak", {"command": COMMAND, "join": None}, COMMAND, "--join: the stored run was made with it"),
        ("leak", {"command": COMMAND, "waves": "many"}, COMMAND, "the stored options are not of this version"),
    ],
)
def test_what_cannot_be_verified(tmp_path, kind, options, command, said):
    """Exit code 2, one sentence that says what was got and what is needed, and the folder is as it was."""
    store(tmp_path / "base", kind, options)
    code, printed = verify("base", *(["--", *command] if command else []), cwd=tmp_path)
    assert (code, said in printed) == (2, True), printed
    assert [file.name for file in tmp_path.rglob("*")] == ["base", "run.jsonl"]


def test_a_run_that_is_not_there(tmp_path):
    """The path is repeated."""
    code, printed = verify("nowhere", "--", *COMMAND, cwd=tmp_path)
    assert code == 2
    assert "nowhere" in printed


def test_the_stored_run_is_never_written_over(tmp_path):
    """Not even when its own directory is named for the new run."""
    store(tmp_path / "base", "leak")
    code, printed = verify("base", "--out", "base", "--", *COMMAND, cwd=tmp_path)
    assert code == 2
    assert "holds a run already" in printed
