"""Logging servers for all of the load's tests; each test sees only what it caused itself."""

import pytest

from tests.unit.load.load_certificates import make_certificates
from tests.unit.load.load_server import serve


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


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def tls_options(certificates):
    return ("--ssl-certfile", str(certificates / "server.pem"), "--ssl-keyfile", str(certificates / "server.key"))


@pytest.fixture(scope="session")
def _tls_server(tls_options, tmp_path_factory):
    with serve("load_logging_app:app", tmp_path_factory.mktemp("tls"), *tls_options, PING="0.5") as server:
        yield server


@pytest.fixture
def tls_server(_tls_server):
    """A hasty server behind TLS."""
    _tls_server.forget()
    return _tls_server
