"""Which suites are run, of what is shipped in source distributions, and what each needs besides its package."""

from __future__ import annotations

from dataclasses import dataclass

PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors")


@dataclass(frozen=True)
class Suite:
    """A project's tests: its source distribution, what it needs besides, the command in it; and whether it is trial."""

    project: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    is_trial: bool = False


SUITES = (
    Suite(
        "python-socketio",
        ("pytest", "pytest-asyncio", "python-socketio[client,asyncio_client]", "redis", "msgpack", "simple-websocket"),
        (*PYTEST, "tests"),
    ),
    Suite(
        "python-engineio",
        ("pytest", "pytest-asyncio", "python-engineio[client,asyncio_client]", "eventlet", "tornado"),
        (*PYTEST, "tests"),
    ),
    Suite("Flask-SocketIO", ("pytest", "redis", "simple-websocket"), (*PYTEST, "test_socketio.py")),
    Suite("wrapt", ("pytest",), (*PYTEST, "tests")),
    Suite("channels", ("pytest", "pytest-django", "pytest-asyncio", "async-timeout", "daphne"), (*PYTEST, "tests")),
    Suite(
        "starlette",
        ("pytest", "httpx", "httpx2", "anyio[trio]", "jinja2", "itsdangerous", "python-multipart", "pyyaml"),
        (*PYTEST, "tests"),
    ),
    Suite(
        "aiohttp",
        (
            *("pytest", "pytest-mock", "pytest-aiohttp", "pytest-xdist", "pytest-cov", "pytest-codspeed", "isal"),
            *("blockbuster", "freezegun", "re-assert", "trustme", "time-machine", "proxy.py", "zlib_ng"),
        ),
        (
            *(*PYTEST, "-o", "addopts=", "tests/test_web_app.py", "tests/test_web_functional.py"),
            *("tests/test_web_websocket_functional.py", "tests/test_client_session.py", "tests/test_streams.py"),
        ),
    ),
    Suite("granian", ("pytest", "pytest-asyncio", "httpx", "websockets", "uvloop"), (*PYTEST, "tests")),
    Suite(
        "Twisted",
        ("hypothesis", "pyhamcrest"),
        (
            *("trial", "--reporter=verbose", "twisted.internet.test.test_core", "twisted.python.test"),
            *("twisted.test.test_defer", "twisted.test.test_threads", "twisted.web.test.test_http"),
        ),
        is_trial=True,
    ),
)
