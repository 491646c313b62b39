"""Puts the agent's test client within reach of its tests."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory with a path short enough for Unix sockets."""
    path = Path(tempfile.mkdtemp(prefix="agent-"))
    yield path
    shutil.rmtree(path)
