"""Which targets take a preloaded library, and what is said of those that take none; nothing is started for it."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from soakproof.config import Config
from soakproof.config.durations import Marks
from soakproof.doctor import check_moving_clocks
from soakproof.errors import ConfigError
from soakproof.run import assembly
from soakproof.target import preloading
from soakproof.target.fakeclock import TargetClock, fastest_rate
from soakproof.target.preloading import check_preloadable, find_obstacle, programs_of

PT_LOAD, PT_INTERP = 1, 3


def elf(*segments):
    """Return the beginning of a 64-bit ELF file with such segments (elf(5))."""
    head = bytearray(b"\x7fELF\x02\x01\x01" + bytes(57))
    struct.pack_into("<Q", head, 32, 64)
    struct.pack_into("<HH", head, 54, 56, len(segments))
    return bytes(head) + b"".join(struct.pack("<I", kind) + bytes(52) for kind in segments)


@pytest.fixture
def program(tmp_path):
    """Return a function that writes a program, and returns its path."""

    def write(content, mode=0o755, name="served"):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


def test_a_static_program_is_refused(program):
    """It has no loader that would look at LD_PRELOAD."""
    static = program(elf(PT_LOAD))
    with pytest.raises(ConfigError, match=f"{static}: it is linked statically and takes no preloaded library"):
        check_preloadable([str(static), "--port", "1"], {"PATH": ""})


def test_a_setuid_program_is_refused(program):
    """The system's loader leaves LD_PRELOAD out for it."""
    privileged = program(elf(PT_LOAD, PT_INTERP), 0o4755)
    with pytest.raises(ConfigError, match=r"it is setuid or setgid \(-rws"):
        check_preloadable([str(privileged)], {"PATH": ""})


def test_the_interpreter_of_a_script_is_what_counts(program):
    """Console scripts name theirs, directly or by env."""
    static = program(elf(PT_LOAD), name="python-static")
    script = program(f"#!{static} -u\nprint()\n".encode(), name="script")
    by_env = program(b"#!/usr/bin/env -S python-static -u\n", name="by-env")
    assert list(programs_of([str(script)], {"PATH": ""})) == [script, static]
    path = f"{static.parent}:/usr/bin:/bin"
    assert list(programs_of([str(by_env)], {"PATH": path}))[-1] == static
    with pytest.raises(ConfigError, match="python-static: it is linked statically"):
        check_preloadable([str(by_env)], {"PATH": path})


def test_python_takes_a_library():
    """The one that runs this test, and what is no program at all is left to who starts it."""
    check_preloadable([sys.executable, "app.py"], {"PATH": ""})
    check_preloadable(["there-is-no-such-command"], {"PATH": ""})
    assert find_obstacle(Path(sys.executable).resolve()) == ""


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"FAKETIME": "+2d"}, r"FAKETIME is set to '\+2d': the target's clock is moved already; unset it"),
        ({"LD_PRELOAD": "/usr/lib/faketime/libfaketime.so.1"}, "LD_PRELOAD has libfaketime already"),
    ],
)
def test_a_clock_that_is_moved_already_is_refused(environment, told):
    """One library alone can move it."""
    with pytest.raises(ConfigError, match=told):
        check_preloadable([sys.executable], environment)


def test_libraries_that_are_preloaded_already_are_kept(tmp_path):
    """Both of two, in front of the one that moves the clock."""
    clock = TargetClock(Path("/lib/libfaketimeMT.so.1"), tmp_path / "clock")
    kept = clock.environment({"LD_PRELOAD": "/lib/libjemalloc.so.2 /lib/other.so", "HOME": "/"})
    assert kept["LD_PRELOAD"] == "/lib/libjemalloc.so.2 /lib/other.so:/lib/libfaketimeMT.so.1"
    assert kept["HOME"] == "/"
    assert (tmp_path / "clock").read_text() == "+0.000000 x1"


def test_without_the_library_a_run_does_not_begin(tmp_path, monkeypatch):
    """It says how to get it, as the doctor does; only `auto`, which may not need it, goes on without."""
    monkeypatch.setattr(preloading, "PLACES", ("/nowhere",))
    command = [sys.executable, "app.py"]
    with pytest.raises(ConfigError, match="need apt-get install libfaketime"):
        assembly.make_target_clock(Config(command=command, fast_forward=Marks((60.0,))), tmp_path)
    auto = Config(command=command, fast_forward=Marks((60.0,), only_grown=True))
    assert assembly.make_target_clock(auto, tmp_path) is None
    check = check_moving_clocks()
    assert (check.is_good, check.is_fatal, check.remedy) == (False, False, "apt-get install libfaketime")


@pytest.mark.parametrize(("late_s", "rate"), [(0.0, 200.0), (0.0025, 200.0), (0.01, 50.0), (0.3, 20.0)])
def test_the_clock_runs_slower_on_a_busy_machine(late_s, rate):
    """A scheduler forgives a second: who goes on late by ten milliseconds is late by half of that, and no more."""
    assert fastest_rate(late_s) == pytest.approx(rate)
