"""Two workers that hold unlike amounts before any client comes: each is compared with its own first census."""

from __future__ import annotations

import pytest

from soakproof.judge.series import read_series
from soakproof.report.charts.timeline import Timeline
from soakproof.runfile import load_run
from tests.e2e.commands import soak

pytestmark = pytest.mark.timeout(300)

TABLE = "registry:app.TABLE"
SMALL, LARGE = 10, 40

# The first worker to come up holds ten entries, the other forty. Once 600 clients have come to both together, the first
# gains an entry and the other loses one: from then on a census reports the table, as both have always held fifty.
UNLIKE = f"""
from pathlib import Path

import socketio


def claim():
    try:
        Path("claimed").touch(exist_ok=False)
    except FileExistsError:
        return {LARGE}
    return {SMALL}


TABLE = dict.fromkeys(range(claim()), True)
HELD = len(TABLE)
sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)


@sio.event
async def connect(sid, environ):
    with Path("arrivals").open("ab") as arrivals:
        arrivals.write(b".")
    if Path("arrivals").stat().st_size < 600 or len(TABLE) != HELD:
        return
    if HELD == {SMALL}:
        TABLE["late"] = True
    else:
        TABLE.popitem()
"""


def test_each_worker_is_compared_with_its_own_first_census(tmp_path):
    """What both held before either is reported is their own, added up: not twice what one of them held."""
    verdict = soak(tmp_path, UNLIKE, "--trace", "never", serving=["--workers", "2"]).verdict
    run = load_run(tmp_path / "out")
    (series,) = [series for series in read_series(run) if series.metric == TABLE]
    assert (series.y[0], series.y[-1]) == (SMALL + LARGE, SMALL + LARGE)
    assert Timeline(run).rests(TABLE).y[0] == SMALL + LARGE
    (finding,) = [finding for finding in verdict["findings"] if finding["metric"] == TABLE]
    assert (finding["verdict"], finding["first"], finding["last"]) == ("bounded", SMALL + LARGE, SMALL + LARGE)
    assert sorted(size for (metric, _), size in run.references.items() if metric == TABLE) == [SMALL, LARGE]
