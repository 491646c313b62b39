"""Every way to start a Python Socket.IO server, each with a clean and a leaky app: the verdict, and the culprit."""

from __future__ import annotations

import pytest

from tests.matrix.cells import CELLS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EACH = pytest.mark.parametrize("cell", [pytest.param(cell, id=cell.name) for cell in CELLS])


@EACH
def test_a_clean_app_is_bounded(cell, outcome):
    """The app that keeps nothing is proven bounded, in as many processes as serve it."""
    done = outcome.done
    if cell.undecided and done.exit_code == 3:
        assert "would decide" in done.printed
    else:
        assert done.exit_code == 0, done.printed
        assert done.verdict["verdict"] == "bounded"
    assert len(done.verdict["target"]["pids"]) == cell.processes


@EACH
def test_a_leaky_app_is_named(cell, outcome):
    """The first finding names the container, or the task, and the line that fills it."""
    done, leak = outcome.done, outcome.leak
    assert done.exit_code == 1, done.printed
    culprit = done.verdict["findings"][0]["culprit"]
    assert culprit["owner"] == leak.owner, done.printed
    site = culprit["sites"][0]
    assert (site["file"].rpartition("/")[2], site["line"]) == (leak.file, leak.line), done.printed
    assert len(done.verdict["target"]["pids"]) == cell.processes
