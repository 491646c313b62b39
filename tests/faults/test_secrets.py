"""Secrets end to end: a server and a load that are full of them are soaked, and no channel of the run tells one."""

from __future__ import annotations

import contextlib
import gzip
import sys
import urllib.request
from pathlib import Path

import pytest

from benchmarks.soaking import soakproof
from soakproof.target.started import find_free_port
from tests.runningsoaks import APPS, running_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

MARK = "zanzibar"  # every secret has it in it, and nothing else has
SERVER = [
    *("env", f"API_KEY={MARK}-variable", sys.executable, APPS / "secretive_chat.py", "{port}", "sessions.txt"),
    *("--token", f"{MARK}-option", f"--db-password={MARK}-value", f"redis://anna:{MARK}-address@db:6379/0"),
    *("--hook", f"sh -c 'notify --secret {MARK}-shell'"),
]
LOAD = [
    *("--header", f"Authorization: Token {MARK}-header", "--header", f"Cookie: a=1; b={MARK}-cookie"),
    *("--query", f"access_token={MARK}-query", "--auth", f'{{"who": "{MARK}-auth"}}'),
    *("--join", f'tell={{"room": "lobby", "password": "{MARK}-join"}}'),
]
BRIEF = ["--waves=4", "--warmup=1", "--max-waves=4", "--steady=0", "--drain=0", "--trace=always", "--clients=20"]
THEIR_OWN = ("target.log", "locust.log")  # the programs' own words; SECURITY.md says so
PRINTED = {
    "issue": ("issue", "out"),
    "explain": ("explain", "out"),
    "explain --json": ("explain", "out", "--json"),
    "explain FINDING": ("explain", "out", "by_person"),
    "judge": ("judge", "out"),
    "annotations": ("report", "out", "--format=text,github"),
    "compare": ("compare", "out", "out"),
    "trend": ("trend", "out"),
}
STACKS = ("stacks.speedscope.json", "stacks.collapsed.txt", "stacks.pb.gz")
FILES = ("run.jsonl", "verdict.json", "report.html", "summary.md", "junit.xml", "report.sarif", "charts", *STACKS)
COMPARED = ("comparison.json", "comparison.html", "comparison.md")


def read_whole(path):
    """Return what a file holds, unpacked where it is packed."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    """What was told by each channel of one run, and the ids of the sessions there were."""
    directory = tmp_path_factory.mktemp("secrets")
    port, scraped = find_free_port(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_PASSWORD", f"{MARK}-environment")
        options = [*BRIEF, *LOAD, "--metrics-port", port]
        with running_soak(directory, *options, server=SERVER) as soak:
            while soak.process.poll() is None:
                with contextlib.suppress(OSError):
                    scraped = [urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()]
                with contextlib.suppress(Exception):
                    soak.process.wait(1)
            assert soak.end(300) == 1, soak.said
    told = {name: soakproof(*words, directory=directory).printed for name, words in PRINTED.items()}
    files = [path for path in directory.rglob("*") if path.is_file() and "out" in path.parts]
    told["terminal"], told["metrics port"] = soak.said, "".join(scraped)
    told["trend.html"] = "".join(path.read_text() for path in (directory / "reports").rglob("*") if path.is_file())
    for name in (*FILES, *COMPARED):
        chosen = [path for path in files if name in path.relative_to(directory / "out").parts]
        told[name] = "".join(read_whole(path).decode("latin-1") for path in chosen)
    named = {path.relative_to(directory / "out").parts[0] for path in files}
    assert named == {*FILES, *COMPARED, *THEIR_OWN}, named  # a file that nobody has looked at yet
    return told, Path(directory / "sessions.txt").read_text().split()


@pytest.mark.parametrize(
    "channel",
    [
        pytest.param(
            name,
            marks=pytest.mark.fault("security", f"secrets of every kind, told by: {name}", "none is"),
            id=name.replace(" ", "-"),
        )
        for name in (*FILES, *COMPARED, *PRINTED, "terminal", "metrics port", "trend.html")
    ],
)
def test_no_secret_is_told(channels, channel, happened):
    """Neither one of the load, nor of the command, nor of the environment, nor of those who came."""
    told, sessions = channels
    assert len(sessions) >= 100
    assert len(told[channel]) > 50, told[channel]
    places = [
        told[channel][max(0, at - 80) : at + 60]
        for at in range(len(told[channel]))
        if told[channel].startswith(MARK, at)
    ]
    assert not places, places[:5]
    assert not [sid for sid in sessions if sid in told[channel]]
    happened(f"none of 11 secrets, nor of {len(sessions)} sessions, in {len(told[channel]):,} characters")
