"""Golden reports: what a person reads, kept beside the tests, so that a change of it is seen in review."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def check_golden() -> Callable[[str, str], None]:
    """Compare a text with the golden one of that name; ``SOAKPROOF_WRITE_GOLDEN=1`` writes it instead."""

    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("SOAKPROOF_WRITE_GOLDEN"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return check
