"""The list of system programs: read alike by the shell that installs and by the doctor; what is missing is named."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from soakproof import development
from soakproof.commands import app

ROOT = Path(__file__).resolve().parents[2]
LINE = "no-such-program    no-such-package test         nothing at all\n"

pytest_plugins = ["pytester"]


@pytest.fixture
def bare(tmp_path):
    """A folder with nothing on PATH but what the shell script itself is made of: no apt-get, no program of the list."""
    for name in ("sh", "dirname", "sort", "paste", "grep", "id"):
        found = development.Program(name, "", "", "").find()
        (tmp_path / name).symlink_to(found)
    return tmp_path


def install(bare, script=ROOT / "requirements" / "install-programs", **environment):
    """Run the script for `make test`'s group with a PATH of one folder."""
    command = ["/bin/sh", str(script), "test"]
    return subprocess.run(
        command, env={"PATH": str(bare), **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def is_library(name):
    """Whether it is a library: that is where it is, whatever PATH is, and a link cannot stand for it."""
    return ".so." in name


def names():
    """Return the programs of the group that are missing where PATH has none: a library may be there all the same."""
    listed = [program for program in development.read_programs() if program.group == "test"]
    return sorted(each.name for each in listed if not is_library(each.name) or each.find() is None)


@pytest.fixture
def script(tmp_path):
    """The script beside the list without its libraries, which this machine may have or lack."""
    copy = tmp_path / "requirements"
    copy.mkdir()
    shutil.copy(ROOT / "requirements" / "install-programs", copy)
    lines = (line for line in development.LIST.read_text().splitlines(keepends=True) if not is_library(line))
    (copy / "programs.txt").write_text("".join(lines))
    return copy / "install-programs"


@pytest.fixture
def whole(bare, monkeypatch, script):
    """A folder for PATH where every program of the script's list is there."""
    monkeypatch.setattr(development, "LIST", script.with_name("programs.txt"))
    for name in names():
        (bare / name).symlink_to("/bin/true")
    return bare


def test_where_nothing_can_be_installed_the_missing_are_named(bare):
    """Without apt-get the script is green and says each program of the group, why it stays missing, and the command."""
    done = install(bare)
    assert done.returncode == 0
    assert f"missing: {' '.join(names())}; nothing installs it here: apt-get is not on this machine" in done.stdout
    assert "apt-get install chromium faketime gdb git " in done.stdout


def test_in_ci_a_missing_program_is_red(bare):
    """With CI=true the same is an error."""
    done = install(bare, CI="true")
    assert done.returncode == 1
    assert "CI=true" in done.stdout


def test_what_is_there_is_not_spoken_of(whole, script):
    """A group of which nothing is missing prints nothing, and asks no package manager."""
    assert install(whole, script).stdout == ""


def test_a_file_that_cannot_be_executed_is_missing(whole, script):
    """A program bound over by an empty file is none."""
    (whole / "redis-server").unlink()
    (whole / "redis-server").touch()
    assert "missing: redis-server;" in install(whole, script).stdout


def test_the_installer_installs_what_is_missing_and_says_so(whole, script):
    """As root with an apt-get that works, the packages are installed, and nothing stays missing."""
    if os.geteuid():
        pytest.skip("only root installs without sudo")
    (whole / "env").symlink_to("/usr/bin/env")
    (whole / "openssl").unlink()
    (whole / "apt-get").write_text(
        f'#!/bin/sh\ncase "$*" in *" openssl") /bin/ln -s /bin/true {whole}/openssl ;; esac\n'
    )
    (whole / "apt-get").chmod(0o755)
    done = install(whole, script, CI="true")
    assert (done.returncode, done.stdout) == (
        0,
        "soakproof: installing what is missing, openssl: apt-get install openssl ...\n",
    )


@pytest.fixture
def short_list(tmp_path, monkeypatch):
    """A list of one program that no machine has."""
    path = tmp_path / "programs.txt"
    path.write_text("# program  package\n" + LINE)
    monkeypatch.setattr(development, "LIST", path)


def test_the_doctor_names_what_development_lacks(short_list):
    """`doctor --development` says the program, what is skipped without it, and the command; it stays green."""
    done = CliRunner().invoke(app, ["doctor", "--development"])
    assert done.exit_code == 0
    assert "LIMIT  no-such-program  not on this machine" in done.output
    assert "limits: nothing at all: skipped, or fails (make test)" in done.output
    assert "apt-get install no-such-package" in done.output


def test_an_installed_soakproof_has_no_list(monkeypatch, tmp_path):
    """Without a checkout it is a sentence, exit 2."""
    monkeypatch.setattr(development, "LIST", tmp_path / "programs.txt")
    done = CliRunner().invoke(app, ["doctor", "--development"])
    assert done.exit_code == 2


def test_a_session_ends_with_what_it_lacked(pytester, monkeypatch):
    """The lines before the count name each missing program, its command, how many tests it skipped, of which files."""
    done = run_lacking(pytester, monkeypatch, CI="")
    assert done.ret == 0
    assert done.outlines[-2] == (
        "missing program: no-such-program (install it: apt-get install no-such-package): "
        "skipped 2 tests of test_lacking.py"
    )
    assert "1 passed, 2 skipped" in done.outlines[-1]


def test_a_session_in_ci_is_red_for_it(pytester, monkeypatch):
    """With CI=true what lacks a program fails."""
    done = run_lacking(pytester, monkeypatch, CI="true")
    done.assert_outcomes(passed=1, errors=1, failed=1)
    done.stdout.fnmatch_lines(["*missing program: no-such-program (install it: apt-get install no-such-package)*"])


def run_lacking(pytester, monkeypatch, **environment):
    """Run a session with the project's own end-of-session lines, of which two tests lack a program."""
    (pytester.path / "programs.txt").write_text(LINE)
    pytester.makeconftest(
        f"""
        import pathlib, sys
        sys.path.insert(0, {str(ROOT)!r})
        from soakproof import development
        development.LIST = pathlib.Path({str(pytester.path / "programs.txt")!r})
        from tests.conftest import *
        """
    )
    pytester.makepyfile(
        test_lacking="""
        import pytest
        from tests.programs import need

        @pytest.fixture
        def program():
            return need("no-such-program")

        def test_fixture(program): ...
        def test_call(): need("no-such-program")
        def test_other(): ...
        """
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")
