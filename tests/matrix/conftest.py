"""Soaks the cells that were asked for, several at a time: most of a soak is waiting for a server to settle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.matrix.soaking import Outcome, soak

AT_ONCE = int(os.environ.get("MATRIX_AT_ONCE", "2"))


@pytest.fixture(scope="session")
def soaks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future]]:
    """Begin the soaks of all tests of the matrix that are to run, in their order."""
    wanted: list[Any] = [item for item in request.session.items if "outcome" in getattr(item, "fixturenames", ())]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            item.nodeid: pool.submit(
                soak, item.callspec.params["cell"], tmp_path_factory.mktemp("matrix"), is_leaky="leaky" in item.name
            )
            for item in wanted
        }
        pool.shutdown(cancel_futures=True)


@pytest.fixture
def outcome(request: pytest.FixtureRequest, soaks: dict[str, Future]) -> Outcome:
    """What the soak of this test came to; skips where its environment cannot be made."""
    return soaks[request.node.nodeid].result()
