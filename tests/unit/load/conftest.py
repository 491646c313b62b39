"""Logging servers for all of the load's tests; each test sees only what it caused itself."""

import pytest
from load_server import serve


@pytest.fixture(scope="session")
def _patient_server(tmp_path_factory):
    with serve("load_logging_app:app", tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="session")
def _hasty_server(tmp_path_factory):
    with serve("load_logging_app:app", tmp_path_factory.mktemp("hasty"), PING="0.5") as server:
        yield server


@pytest.fixture
def server(_patient_server):
    """A server with Engine.IO's own ping times."""
    _patient_server.forget()
    return _patient_server


@pytest.fixture
def hasty_server(_hasty_server):
    """A server that gives clients up after a second of silence."""
    _hasty_server.forget()
    return _hasty_server
