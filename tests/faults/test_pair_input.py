"""`compare --base-command`, as a user gets it wrong: a sentence, the right exit code, no traceback."""

from __future__ import annotations

import sys

import pytest

from tests.faults.test_bad_input import APP, soakproof

SERVER = [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--base-command", "", "--", *SERVER], "--base-command: it is empty; need the command that starts the server"),
        (["--base-command", "sh -c 'x", "--", *SERVER], "No closing quotation; quote it as a shell would"),
        (["--base-command", "python app.py {port}"], "no target: put the command that starts your server after `--`"),
        (["--clients", "5", "base", "new"], "--clients: stored runs are not soaked again; need --base-command too"),
        (["base"], "compare: got 1 runs, need BASE and NEW, or --base-command 'COMMAND' -- COMMAND"),
        (["--base-command", "x {port}", "--attach", "1"], "leave --attach out"),
    ],
)
def test_what_cannot_be_compared_is_told(tmp_path, words, said):
    """What is wrong with the two commands is said before anything is started."""
    code, printed = soakproof("compare", *words, cwd=tmp_path)
    assert code == 2
    assert said in printed
    assert not (tmp_path / "reports").exists()


def test_a_base_command_that_fails_is_named(tmp_path):
    """It is said which of the two did not come up, and the other is not soaked in vain."""
    (tmp_path / "app.py").write_text(APP)
    code, printed = soakproof(
        "compare",
        "--out",
        "out",
        "--base-command",
        f"{sys.executable} missing.py {{port}}",
        "--",
        *SERVER,
        cwd=tmp_path,
    )
    assert code == 4
    assert "the base command: " in printed
    assert not (tmp_path / "out" / "new").exists()
