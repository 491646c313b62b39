"""The pytest plugin: ``@pytest.mark.bounded`` and the ``soak`` fixture.

    @pytest.mark.bounded(clients=100, waves=8, drop="close,reset")
    def test_memory_stays_bounded(soak):
        soak(app)

Loaded by pytest wherever soakproof is installed, so that it imports nothing until a test is marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from soakproof.testing.soaking import Soaked

MARKS = (
    "bounded(**options): the test soaks a server, which has to be proven bounded; options are those of `soakproof run`",
    "soak: the test soaks a server, which takes a minute; set on each that uses the fixture `soak`",
)
NEVER_SOAKED = "the test is marked `bounded` and never called `soak(...)`, so that nothing is proven"
MADE = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line."""
    group = parser.getgroup("soakproof")
    group.addoption(
        "--soak-quick",
        action="store_true",
        help="soak with few waves and clients: a leak of one entry per client still shows, proof of less does not",
    )
    group.addoption("--soak-out", metavar="DIR", help="keep the runs of `soak` in DIR, one per test; default: tmp_path")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(
    collector: pytest.Collector,
) -> Iterator[Any]:
    """Refuse wrong markers where the test stands, and mark what soaks."""
    found = yield
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, pytest.Function):
            _collect(item, collector)
    return found


def _collect(item: pytest.Function, collector: pytest.Collector) -> None:
    uses_soak = "soak" in item.fixturenames
    if uses_soak:
        item.add_marker("soak")
    markers = list(item.iter_markers("bounded"))
    if not markers:
        return
    from soakproof.errors import ConfigError
    from soakproof.testing.marks import check_options, read_markers

    if not uses_soak:
        raise collector.CollectError(f"{item.nodeid}: bounded: the test does not use the fixture `soak`")
    try:
        check_options(read_markers(markers[::-1]), item.config.rootpath)
    except ConfigError as error:
        raise collector.CollectError(f"{item.nodeid}: {error}") from error


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    """Fail a test that is marked and soaked nothing: nothing is proven then."""
    outcome = yield
    if pyfuncitem.get_closest_marker("bounded") and not pyfuncitem.stash.get(MADE, []):
        pytest.fail(f"soakproof: {NEVER_SOAKED}", pytrace=False)
    return outcome


@pytest.fixture
def soak(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Soaked]:
    """Return a function that soaks a server and fails the test where it is not proven bounded.

    Its argument is an ASGI or WSGI application, a function that makes one, an import string, or a command with
    ``{port}`` in it; options of ``soakproof run`` may follow, over those of ``@pytest.mark.bounded``. It returns a
    `soakproof.testing.soaking.Soaked`.
    """
    from soakproof.errors import SoakproofError
    from soakproof.testing.applications import make_command
    from soakproof.testing.marks import check_options, make_quick, read_markers
    from soakproof.testing.soaking import soak_command

    marked = read_markers(list(request.node.iter_markers("bounded"))[::-1])
    made = request.node.stash.setdefault(MADE, [])
    directory = request.config.rootpath

    def soak_it(served: Any, **options: Any) -> Soaked:
        __tracebackhide__ = True
        wanted = {**marked, **options}
        out = _directory_of(request, tmp_path, len(made))
        made.append(out)
        try:
            check_options(wanted, directory)
            command = make_command(served, directory)
        except SoakproofError as error:
            pytest.fail(f"soakproof: {error}", pytrace=False)
        return soak_command(
            command, make_quick(wanted) if request.config.getoption("--soak-quick") else wanted, out, directory
        )

    return soak_it


def _directory_of(request: pytest.FixtureRequest, tmp_path: Path, number: int) -> Path:
    """Return where a run is kept: under ``--soak-out`` by the test's name, in its own ``tmp_path`` otherwise."""
    kept = request.config.getoption("--soak-out")
    name = "soak" if not number else f"soak-{number + 1}"
    if not kept:
        return tmp_path / name
    test = re.sub(r"[^\w.-]+", "-", request.node.nodeid).strip("-")
    return Path(kept).absolute() / (test if not number else f"{test}-{number + 1}")
