"""Which suites are run, of what is shipped in source distributions, and what each needs besides its package.

Channels ships no tests, and granian cannot be unpacked without a compiler for Rust: daphne and asgiref, which Channels
stands on, and uvicorn are run in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

WARNED = ("-W", "ignore::pytest.PytestDeprecationWarning")
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors")


@dataclass(frozen=True)
class Suite:
    """A project's tests: its source distribution, what it needs besides, the command in it; and whether it is trial.

    ``pause_s`` is how long nothing is asked between two askings. A fork waits for the answer that is being given, so a
    suite that forks for each of a thousand examples needs longer pauses to come to its end.
    """

    project: str
    version: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    is_trial: bool = False
    pause_s: float = 0.05


SUITES = (
    Suite(
        "python-socketio",
        "5.18.1",
        ("pytest", "pytest-asyncio", "python-socketio[client,asyncio_client]", "redis", "msgpack", "simple-websocket"),
        (*PYTEST, "tests"),
    ),
    Suite(
        "python-engineio",
        "4.15.1",
        ("pytest", "pytest-asyncio", "python-engineio[client,asyncio_client]", "eventlet", "tornado"),
        (*PYTEST, "tests"),
    ),
    Suite("Flask-SocketIO", "5.7.0", ("pytest", "redis", "simple-websocket"), (*PYTEST, "test_socketio.py")),
    Suite("wrapt", "2.5.2", ("pytest",), (*PYTEST, "tests")),
    Suite("asgiref", "3.13.0", ("pytest", "pytest-asyncio"), (*PYTEST, "tests")),
    Suite(
        "daphne",
        "4.2.3",
        ("pytest", "pytest-asyncio", "django", "hypothesis", "black"),
        (*PYTEST, "tests"),
        pause_s=0.25,
    ),
    Suite(
        "starlette",
        "1.10.0",
        ("pytest", "httpx", "httpx2", "anyio[trio]", "jinja2", "itsdangerous", "python-multipart", "pyyaml"),
        (*PYTEST, "tests"),
    ),
    Suite(
        "aiohttp",
        "3.14.5",
        (
            *(
                "pytest",
                "pytest-mock",
                "pytest-aiohttp",
                "pytest-xdist",
                "pytest-cov",
                "pytest-codspeed",
                "isal",
                "pytest-timeout",
            ),
            *("blockbuster", "freezegun", "re-assert", "trustme", "time-machine", "proxy.py", "zlib_ng"),
        ),
        (
            *(*PYTEST, "-o", "addopts=", *WARNED, "tests/test_web_app.py", "tests/test_web_functional.py"),
            *("tests/test_web_websocket_functional.py", "tests/test_client_session.py", "tests/test_streams.py"),
        ),
    ),
    Suite(
        "uvicorn",
        "0.54.0",
        (
            *(
                "pytest",
                "pytest-mock",
                "anyio[trio]",
                "trio",
                "httpx",
                "a2wsgi",
                "trustme",
                "cryptography",
                "websockets",
            ),
            *("wsproto", "httptools", "uvloop", "watchfiles", "python-dotenv", "pyyaml", "typing_extensions"),
        ),
        (*PYTEST, "-o", "addopts=", "tests"),
    ),
    Suite(
        "Twisted",
        "26.10.0",
        ("hypothesis", "pyhamcrest"),
        (
            *("trial", "--reporter=verbose", "twisted.internet.test.test_core", "twisted.python.test"),
            *("twisted.test.test_defer", "twisted.test.test_threads", "twisted.web.test.test_http"),
        ),
        is_trial=True,
    ),
)
