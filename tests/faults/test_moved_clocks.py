"""Clocks that cannot be moved, as a user meets it: a sentence, exit code 2, and nothing was started."""

from __future__ import annotations

from tests.faults.test_bad_input import soakproof


def test_a_static_target_is_refused_before_anything_starts(tmp_path):
    """The command has left no trace, and neither has the run."""
    static = tmp_path / "server"
    static.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(57))  # an ELF file without any segment
    static.chmod(0o755)
    code, printed = soakproof("run", "--fast-forward", "2h", "--", str(static), "{port}", cwd=tmp_path)
    assert code == 2
    assert "it is linked statically and takes no preloaded library, so its clock cannot be moved" in printed
    assert not list((tmp_path / "reports" / "runs").iterdir())


def test_marks_that_go_back_are_refused(tmp_path):
    """Which one, and what to write."""
    code, printed = soakproof("run", "--fast-forward", "1h,10m", "--", "true", "{port}", cwd=tmp_path)
    assert code == 2
    assert "600 s comes after 3600 s; clocks do not go back: name the marks in rising order" in printed
