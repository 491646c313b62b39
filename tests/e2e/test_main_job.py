"""The main job on a server that nobody prepared: the command line, real uvicorn, real Locust, a real verdict."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.soaking import soakproof
from soakproof.judge.account import PARTS
from soakproof.report import FORMATS
from soakproof.runfile import load_run
from tests.e2e.commands import CLEAN, soak

pytestmark = pytest.mark.timeout(300)  # a soak and its second pass, on a busy machine

LEAKY = CLEAN.replace("app = ", "SEEN = {}\napp = ").replace(
    '    await sio.enter_room(sid, "lobby")', '    await sio.enter_room(sid, "lobby")\n    SEEN[sid] = True'
)
FILLING_LINE = LEAKY.splitlines().index("    SEEN[sid] = True") + 1

FILES = {"run.jsonl", "verdict.json", "report.html", "summary.md", "junit.xml", "charts", "target.log", "locust.log"}


def soak_as_users_do(directory, source):
    return soak(directory, source, "--format", ",".join(FORMATS))


@pytest.fixture(scope="module")
def soaks(tmp_path_factory):
    """Soak both servers side by side: a soak waits more than it works."""
    directories = [tmp_path_factory.mktemp(name) for name in ("clean", "leaky")]
    with ThreadPoolExecutor() as threads:
        outcomes = list(threads.map(soak_as_users_do, directories, [CLEAN, LEAKY]))
    return [(directory, done, done.verdict) for directory, done in zip(directories, outcomes, strict=True)]


@pytest.fixture(scope="module")
def clean(soaks):
    return soaks[0]


@pytest.fixture(scope="module")
def leaky(soaks):
    return soaks[1]


def test_a_server_that_keeps_nothing_is_bounded(clean):
    """Ten lines of python-socketio, unprepared, come out green, and the library's registries are listed."""
    _, done, verdict = clean
    assert (verdict["verdict"], done.exit_code) == ("bounded", 0), verdict["reason"]
    bounded = {finding["name"] for finding in verdict["findings"] if finding["verdict"] == "bounded"}
    assert {"eio.sockets", "manager.rooms", "environ"} <= bounded
    assert verdict["connections"] >= 9 * 100


def test_the_account_of_memory_adds_up_to_rss(clean):
    """At each rest point: what lay in the parts, less what malloc gave back, is what the system says of the process."""
    directory, _, verdict = clean
    rests = [sample for sample in load_run(directory / "out").samples if sample.kind == "rest"]
    assert len(rests) > 5
    for sample in rests:
        parts = sum(sample.account[name] for name in PARTS)
        assert parts - sample.account["trimmed"] == pytest.approx(sample.metrics["process:rss"], rel=0.05)
    assert verdict["account"]["reason"].startswith("RSS ")


def test_a_dictionary_that_keeps_each_sid_is_named_with_its_line(leaky):
    """The first finding names the module and attribute, and the line that fills it."""
    _, done, verdict = leaky
    assert (verdict["verdict"], done.exit_code) == ("leak", 1), verdict["reason"]
    finding = verdict["findings"][0]
    assert finding["culprit"]["owner"] == "app:SEEN"
    assert finding["per_connection"] == pytest.approx(1.0, abs=0.02)
    site = finding["culprit"]["sites"][0]
    assert (site["line"], site["function"]) == (FILLING_LINE, "connect")
    assert site["file"].endswith("app.py")
    assert "app:SEEN" in done.printed


def test_a_run_leaves_all_its_files(leaky):
    """The directory of a run holds what the contract lists."""
    directory, _, _ = leaky
    assert {file.name for file in (directory / "out").iterdir()} >= FILES
    assert list((directory / "out" / "charts").glob("*.png"))
    assert list((directory / "out" / "charts").glob("*.svg"))


def test_junit_is_red_exactly_where_the_verdict_is(clean, leaky):
    """A CI system that reads junit.xml sees a failure for the leak, and none for the bounded run."""
    for (directory, _, verdict), is_red in ((clean, False), (leaky, True)):
        suites = ET.parse(directory / "out" / "junit.xml").getroot()
        failures = [case for case in suites.iter("testcase") if case.find("failure") is not None]
        assert bool(failures) is is_red, verdict["reason"]


def test_a_stored_run_is_judged_the_same_without_its_target(leaky, tmp_path):
    """`soakproof judge` needs nothing but run.jsonl to come to the same verdict."""
    directory, done, verdict = leaky
    shutil.copy(directory / "out" / "run.jsonl", tmp_path / "run.jsonl")
    again = soakproof("judge", "run.jsonl", directory=tmp_path)
    assert again.exit_code == done.exit_code
    assert json.loads((tmp_path / "verdict.json").read_text()) == verdict


def test_a_change_that_leaks_is_a_regression(clean, leaky):
    """`soakproof compare` is red from clean to leaky, and green from a run to itself."""
    worse = soakproof("compare", str(clean[0] / "out"), str(leaky[0] / "out"), directory=leaky[0])
    assert worse.exit_code == 1
    assert "app.SEEN" in worse.printed
    assert f"app.py:{FILLING_LINE}" in worse.printed
    same = soakproof("compare", str(clean[0] / "out"), str(clean[0] / "out"), directory=leaky[0])
    assert same.exit_code == 0
