"""The faults as a campaign: what each test of one saw is added to a file, and what is there already is not tried again.

A test of a fault carries ``@pytest.mark.fault(room, fault, promise)``, and says by ``happened(sentence)`` what it saw.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.attempts import Attempt, read_attempts, without_machine, write_attempt

SEEN = "seen"
SMALL = "size=2m"


@pytest.fixture
def happened(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """What a test calls with the sentence of what it saw."""
    properties = request.node.user_properties

    def tell(sentence: str) -> None:
        properties.append((SEEN, without_machine(sentence)))

    return tell


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", SMALL, "none", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of the campaign."""
    parser.addoption("--attempts", type=Path, help="the file to which each attempt is added; those in it are skipped")
    parser.addoption("--round", type=int, default=1, help="which attempt at each fault this is")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a campaign, keep the faults that this round has not tried yet."""
    file = config.getoption("--attempts")
    for item in items:
        for marker in item.iter_markers("fault"):
            item.user_properties.append(("fault", json.dumps(marker.args)))
    if file is None:
        return
    round_number = config.getoption("--round")
    done = {attempt.test for attempt in read_attempts(file) if attempt.round == round_number and attempt.is_held}
    kept = [item for item in items if item.get_closest_marker("fault") and item.nodeid not in done]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


class Recorder:
    """Adds to the file what each test of a fault came to."""

    def __init__(self, file: Path, round_number: int) -> None:
        self._file = file
        self._round = round_number

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what one test came to, in whichever process it ran."""
        told = dict(report.user_properties)
        if report.when != "call" or report.skipped or "fault" not in told:
            return
        room, fault, promise = json.loads(str(told["fault"]))
        write_attempt(
            self._file,
            Attempt(
                test=report.nodeid,
                round=self._round,
                room=room,
                fault=fault,
                promise=promise,
                happened=str(told.get(SEEN, "")) if report.passed else failure_of(report),
                is_held=report.passed,
                seconds=round(report.duration, 1),
            ),
        )


def failure_of(report: pytest.TestReport) -> str:
    """Return the last line of a failure that says something."""
    lines = [line for line in report.longreprtext.splitlines() if line.startswith("E  ")]
    return (lines or ["failed"])[0].removeprefix("E").strip()


def pytest_configure(config: pytest.Config) -> None:
    """Record, in the process that hears of all tests."""
    file = config.getoption("--attempts")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(file, config.getoption("--round")))
