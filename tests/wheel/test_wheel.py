"""What users install: the wheel is built, put into an environment of its own without the checkout, and soaks an app."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^(\w[^\\\n]*[^ \\\n]) *\\$", re.MULTILINE)
SHORT = ("--clients", "100", "--waves", "7", "--steady", "0", "--drain", "2")


def run(*command, **options):
    """Run a command that has to succeed, outside of this environment and of the checkout."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, command)), env=outside, capture_output=True, text=True, check=False, timeout=300, **options
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel as a release does."""
    dist = tmp_path_factory.mktemp("dist")
    code, printed = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist, cwd=ROOT)
    assert code == 0, printed
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """Install it with what it declares to need, in the locked versions, and a server; return the commands' folder."""
    directory = tmp_path_factory.mktemp("environment")
    (directory / "locked.txt").write_text("\n".join(LOCKED.findall((ROOT / "requirements" / "lock.txt").read_text())))
    assert run(sys.executable, "-m", "venv", directory)[0] == 0
    pip = (directory / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    code, printed = run(*pip, "-c", directory / "locked.txt", wheel, "uvicorn", "websockets", cwd=directory)
    assert code == 0, printed
    return directory / "bin"


def test_no_file_of_the_package_is_left_out(wheel):
    """The wheel holds each file of src/ that git knows, and nothing but them and its metadata."""
    known = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    held = zipfile.ZipFile(wheel).namelist()
    assert sorted(name for name in held if ".dist-info/" not in name) == sorted(
        path.removeprefix("src/") for path in known.split()
    )


def test_its_metadata_are_true(wheel):
    """It says the Pythons that CI runs, its licence and its documents."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    assert metadata["Requires-Python"] == "<3.16,>=3.11"
    pythons = [each for each in metadata.get_all("Classifier") if each.startswith("Programming Language")]
    assert [each.rpartition(" ")[2] for each in pythons] == ["3.11", "3.12", "3.13", "3.14", "3.15"]
    assert "Proves that" in metadata["Summary"]


def test_the_installed_command_soaks_a_server_of_ten_lines(environment, tmp_path):
    """From a directory that holds the app alone, the leak, its line and every report come out as the README says."""
    shutil.copy(Path(__file__).parent / "app.py", tmp_path)
    environ = {"cwd": tmp_path}
    assert run(environment / "soakproof", "--version", **environ)[0] == 0
    uvicorn = (environment / "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning")
    code, printed = run(environment / "soakproof", "run", "--out", "out", *SHORT, "--", *uvicorn, **environ)
    assert code == 1, printed
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert verdict["findings"][0]["culprit"]["owner"] == "app:VISITORS"
    assert "VISITORS[sid] =" in printed
    reports = {"verdict.json", "report.html", "summary.md", "junit.xml", "run.jsonl", "target.log", "locust.log"}
    assert reports <= {path.name for path in (tmp_path / "out").iterdir()}
    assert list((tmp_path / "out" / "charts").glob("*.svg"))


def test_it_has_no_list_for_developers(environment, tmp_path):
    """`doctor` looks at the machine; `--development` needs the checkout, and says so."""
    assert run(environment / "soakproof", "doctor", cwd=tmp_path)[0] == 0
    code, printed = run(environment / "soakproof", "doctor", "--development", cwd=tmp_path)
    assert code == 2
    assert "need a checkout of soakproof" in printed
