"""The doctor: each check sees its limit, says what it limits, and names the command that lifts it."""

from __future__ import annotations

import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from soakproof import doctor
from soakproof.commands import app
from soakproof.doctor import Check, examine, preflight
from soakproof.plans import MemoryLimit
from soakproof.run.notices import of_pythons
from soakproof.target import runningprocess
from soakproof.wording import say_warning


def check(name: str, clients: int = 100) -> Check:
    return next(each for each in examine(clients) if each.name == name)


def limit_files(monkeypatch, soft: int, hard: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))


def test_a_soft_limit_below_the_clients_names_the_ulimit_that_lifts_it(monkeypatch):
    """The target keeps the soft limit of the shell; the number asked for is in the command."""
    limit_files(monkeypatch, 1024, 20_000)
    found = check("open files", 5000)
    assert not found.is_good
    assert found.most_clients == 924
    assert "ulimit -n 5100;" in found.remedy
    assert check("open files", 800).is_good


def test_a_hard_limit_needs_root(monkeypatch):
    """Above the hard limit no plain `ulimit -n` helps."""
    limit_files(monkeypatch, 1024, 4096)
    assert "ulimit -Hn 5100 && ulimit -n 5100  (as root)" in check("open files", 5000).remedy


def test_few_ports_limit_the_clients_of_one_address(monkeypatch, tmp_path):
    """A narrow range is said with the sysctl that widens it."""
    (tmp_path / "range").write_text("50000\t52999\n")
    monkeypatch.setattr(doctor, "PORT_RANGE", tmp_path / "range")
    found = check("ports", 2500)
    assert (found.is_good, found.most_clients) == (False, 2000)
    assert "ip_local_port_range" in found.remedy
    monkeypatch.setattr(doctor, "PORT_RANGE", Path("/nowhere"))
    assert check("ports", 2500).is_good


def test_a_small_cgroup_limits_the_clients(monkeypatch):
    """The memory that the clients asked for would need is in the command."""
    monkeypatch.setattr(doctor, "read_memory_limit", lambda _: MemoryLimit(limit_bytes=512 << 20, source="cgroup"))
    found = check("memory limit", 20_000)
    assert not found.is_good
    assert "docker run --memory 1254m" in found.remedy


def test_a_share_of_a_core_is_seen(monkeypatch, tmp_path):
    """A container that sees eight cores and may use half of one is told so."""
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    monkeypatch.setattr(doctor, "CPU_QUOTA", tmp_path / "cpu.max")
    found = check("cores")
    assert (found.is_good, found.found) == (False, "0.5 may be used")


def test_another_allocator_hides_the_blocks(monkeypatch):
    """PYTHONMALLOC=malloc is a limit, pymalloc is none."""
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    assert check("allocator").remedy == "unset PYTHONMALLOC"
    monkeypatch.setenv("PYTHONMALLOC", "pymalloc")
    assert check("allocator").is_good


def test_a_slow_clock_and_a_missing_proc_are_limits(monkeypatch, tmp_path):
    """Both leave the verdict sound, and are said."""
    (tmp_path / "source").write_text("acpi_pm\n")
    monkeypatch.setattr(doctor, "CLOCK_SOURCE", tmp_path / "source")
    assert not check("clock").is_good
    monkeypatch.setattr(doctor, "MAPS", tmp_path / "missing")
    assert not check("/proc").is_good
    assert not check("/proc").is_fatal


@pytest.mark.parametrize(("directory", "code"), [("/tmp", 0), ("/nowhere", 4)])
def test_the_exit_code_tells_whether_a_soak_can_be_measured(monkeypatch, directory, code):
    """Limits alone are 0; without a place for the agent's socket it is 4, and the line says NEEDED."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: directory)
    limit_files(monkeypatch, 1024, 4096)
    done = CliRunner().invoke(app, ["doctor", "--clients", "5000"])
    assert done.exit_code == code


def test_a_run_is_warned_of_what_its_clients_exceed(monkeypatch):
    """Only what the clients asked for exceed is warned of, in one sentence with the command."""
    limit_files(monkeypatch, 1024, 20_000)
    (warning,) = map(say_warning, preflight(2000))
    assert warning.startswith("2,000 clients at once: open files: 1,024 now")
    assert "ulimit -n 2100" in warning
    assert not list(preflight(500))


@pytest.mark.parametrize(
    ("version", "is_good"),
    [("3.14.0", False), ("3.14.4", False), ("3.14.0rc1", False), ("3.14.5", True), ("3.14.10", True), ("3.13.4", True)],
)
def test_an_incremental_collector_is_named(monkeypatch, version, is_good):
    """3.14.0 to 3.14.4 let garbage pile up; the doctor names such a Python, and the one that is mended."""
    monkeypatch.setattr(platform, "python_version", lambda: version)
    found = check("python")
    assert found.is_good is is_good
    assert is_good or "3.14.0 to 3.14.4" in found.sentence()


def test_the_report_names_the_incremental_collector_of_a_target():
    """A target of two workers on 3.14.2 is named once; one on 3.14.10 is not spoken of."""
    links: list[Any] = [SimpleNamespace(hello={"python": version}) for version in ("3.14.2", "3.14.10", "3.14.2")]
    (notice,) = map(say_warning, of_pythons(links))
    assert notice.startswith("the target: Python 3.14.2 has the incremental collector")


def test_a_server_of_ones_own_can_be_attached_to_by_its_pid():
    """Where nothing forbids it: by remote execution where this Python has it, else by gdb if that is there."""
    found = check("attach by pid")
    is_remote = sys.version_info >= (3, 14)
    assert found.is_good is (is_remote or shutil.which("gdb") is not None)
    assert (" by remote execution, on 3.9 to 3.13 by " in found.found) is is_remote


def test_a_missing_debugger_limits_the_pythons_that_need_one(monkeypatch):
    """One without remote execution, or where that is switched off, cannot be reached; the command installs gdb."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "is_remote_debug_enabled", lambda: False, raising=False)
    found = check("attach by pid")
    assert (found.is_good, found.is_fatal) == (False, False)
    assert found.found.endswith("by gdb, which is not on this machine")
    assert found.remedy.startswith("apt-get install gdb")
    monkeypatch.setattr(sys, "is_remote_debug_enabled", lambda: True, raising=False)
    assert check("attach by pid").is_good


def test_yama_is_named_where_it_lets_nobody_look(monkeypatch, tmp_path):
    """Its setting is said, in the words of the attempt."""
    (tmp_path / "scope").write_text("3\n")
    monkeypatch.setattr(runningprocess, "PTRACE_SCOPE", tmp_path / "scope")
    found = check("attach by pid")
    assert not found.is_good
    assert found.found.startswith("refused: kernel.yama.ptrace_scope is 3, which lets nobody in")


def test_a_process_that_the_system_shows_to_nobody_is_refused_by_trial():
    """No setting says so: a process that may not be looked into (prctl(2)), by a system without the right to do it."""
    hiding = (
        "import ctypes; from soakproof.doctor import check_attaching; prctl = ctypes.CDLL(None).prctl\n"
        "prctl(24, 19, 0, 0, 0), prctl(4, 0, 0, 0, 0)  # CAP_SYS_PTRACE to no child; not dumpable\n"
        "print(check_attaching().sentence())"
    )
    said = subprocess.run([sys.executable, "-c", hiding], capture_output=True, text=True, check=True).stdout
    assert said.startswith("LIMIT  attach by pid    refused: PermissionError: [Errno 1"), said
    assert "do:     as root (in a container: docker run --cap-add SYS_PTRACE" in said
