"""Every way to start a Python Socket.IO server, each with a clean and a leaky app: the verdict, and the culprit."""

from __future__ import annotations

import pytest

from tests.matrix.cells import CELLS
from tests.matrix.soaking import keep, lay_out, soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(320)]
NAMED = pytest.mark.parametrize("cell", [pytest.param(cell, id=cell.name) for cell in CELLS])


@NAMED
def test_a_clean_app_is_bounded(cell, tmp_path):
    """The app that keeps nothing is proven bounded, in as many processes as serve it."""
    lay_out(cell, tmp_path, is_leaky=False)
    outcome = soak(cell, tmp_path, "--trace", "never")
    keep(tmp_path, f"{cell.name}-clean")
    assert outcome.exit_code == 0, outcome.printed
    assert outcome.verdict["verdict"] == "bounded"
    assert len(outcome.verdict["target"]["pids"]) == cell.processes


@NAMED
def test_a_leaky_app_is_named(cell, tmp_path):
    """The first finding names the container, or the task, and the line that fills it."""
    leak = lay_out(cell, tmp_path, is_leaky=True)
    outcome = soak(cell, tmp_path)
    keep(tmp_path, f"{cell.name}-leaky")
    assert outcome.exit_code == 1, outcome.printed
    culprit = outcome.verdict["findings"][0]["culprit"]
    assert culprit["owner"] == leak.owner, outcome.printed
    site = culprit["sites"][0]
    assert (site["file"].rpartition("/")[2], site["line"]) == (leak.file, leak.line), outcome.printed
