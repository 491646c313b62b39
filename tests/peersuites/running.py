"""Runs one suite, bare or with the agent in every Python process of it, and reads what became of each test."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from soakproof.target.inject import environment
from tests.peersuites.asking import Asker
from tests.peersuites.suites import Suite

ROOT = Path(__file__).resolve().parents[2] / ".venv" / "peersuites"
LONGEST_S = 1200
_TRIAL = re.compile(r"\s+(\S+) \.\.\..*\[(OK|ERROR|FAIL|SKIPPED|TODO)\]")
_OUTCOMES = {"OK": "passed", "TODO": "passed", "SKIPPED": "skipped"}


@dataclass
class Outcome:
    """What became of the tests, by name: ``passed``, ``failed`` or ``skipped``; and what was asked meanwhile."""

    tests: dict[str, str] = field(default_factory=dict)
    exit_code: int = 0
    answered: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    processes: int = 0

    def count(self, what: str) -> int:
        """Return how many tests came out so."""
        return list(self.tests.values()).count(what)

    def fallen(self) -> set[str]:
        """Return the tests that did not pass and were not skipped."""
        return {name for name, what in self.tests.items() if what == "failed"}


class UnavailableError(Exception):
    """A suite cannot be run here; the message says why."""


def prepare(suite: Suite) -> Path:
    """Return the directory of a suite's sources; its environment is made if it is not there."""
    home = ROOT / suite.project.lower()
    ready = home / ".ready"
    if not ready.exists() or ready.read_text() != suite.version:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _call([sys.executable, "-m", "venv", str(home / "env")])
        pip = [str(home / "env" / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        named = f"{suite.project}=={suite.version}"
        _call([*pip, "download", "--no-binary", suite.project, "--no-deps", "--dest", str(home), named])
        [archive] = home.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(home / "sources", filter="data")
        _call([*pip, "install", named, *suite.requirements])
        ready.write_text(suite.version)
    [sources] = (home / "sources").iterdir()
    return sources


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    if done.returncode:
        raise UnavailableError(f"{' '.join(command[1:6])}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


def run(suite: Suite, sources: Path, *, has_agent: bool) -> Outcome:
    """Run a suite's command in its sources."""
    binaries = sources.parents[1] / "env" / "bin"
    bare = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONWARNINGS")}
    base = {**bare, "PATH": f"{binaries}{os.pathsep}{bare['PATH']}", "VIRTUAL_ENV": str(binaries.parent)}
    with tempfile.TemporaryDirectory(prefix="peer-") as made, working_copy(suite, sources) as work:
        directory = Path(made)
        report = directory / "report.xml"
        command = [str(binaries / suite.command[0]), *suite.command[1:]]
        if not suite.is_trial:
            command.append(f"--junit-xml={report}")
        agents = directory / "a"
        asker = Asker(agents, suite.pause_s) if has_agent else None
        with asker or nullcontext():
            exit_code, printed = _finish(command, work, environment(agents, base) if has_agent else base)
        (sources.parents[1] / f"{'agent' if has_agent else 'bare'}.log").write_text(printed)
        tests = dict(read_trial(printed) if suite.is_trial else read_junit(report))
    outcome = Outcome(tests=tests, exit_code=exit_code)
    if asker is not None:
        outcome.answered, outcome.refused = dict(asker.answered), dict(asker.refused)
        outcome.processes = len(asker.processes)
    return outcome


def _finish(command: list[str], work: Path, variables: dict[str, str]) -> tuple[int, str]:
    """Return the exit code of a suite and what it printed; end it, and all that it started, where it takes too long."""
    process = subprocess.Popen(
        command,
        cwd=work,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise UnavailableError(f"{command[0]} did not end within {LONGEST_S} s") from error
    return process.returncode, printed


@contextmanager
def working_copy(suite: Suite, sources: Path) -> Iterator[Path]:
    """A copy of a suite's sources without the package itself, which is installed: its sources need compiling."""
    with tempfile.TemporaryDirectory(prefix="peer-") as made:
        work = Path(made) / "work"
        shutil.copytree(sources, work, symlinks=True)
        package = suite.project.lower().replace("-", "_")
        for name in (package, f"src/{package}"):
            if (work / name / "__init__.py").exists():
                shutil.rmtree(work / name)
        yield work


def read_junit(report: Path) -> Iterator[tuple[str, str]]:
    """Yield name and outcome of each test of pytest's report; nothing where it wrote none, since it was killed."""
    if not report.exists():
        return
    for case in ET.parse(report).iter("testcase"):
        parts = {child.tag for child in case}
        what = "failed" if parts & {"failure", "error"} else "skipped" if "skipped" in parts else "passed"
        yield f"{case.get('classname')}::{case.get('name')}", what


def read_trial(printed: str) -> Iterator[tuple[str, str]]:
    """Yield name and outcome of each test that trial has printed."""
    suite = ""
    for line in printed.splitlines():
        if line and not line.startswith(" "):
            suite = line.strip()
        found = _TRIAL.match(line)
        if found:
            yield f"{suite}::{found[1]}", _OUTCOMES.get(found[2], "failed")
