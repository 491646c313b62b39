"""One logging server for all of the load's tests; each test sees only what it caused itself."""

import pytest
from load_server import serve


@pytest.fixture(scope="session")
def _logging_server(tmp_path_factory):
    with serve("load_logging_app:app", tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(_logging_server):
    _logging_server.forget()
    return _logging_server
