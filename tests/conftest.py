"""Says at the end of a session which system programs it lacked, and what was skipped for them."""

from __future__ import annotations

import pytest

from tests.programs import tell_missing


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Write the missing programs after all else, so that they are the last lines before the count."""
    outcome = yield
    for line in tell_missing(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line)
    return outcome
