"""The leaks that every tool is shown: what each server is, and what in a line, or which type, would tell a person."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.accuracy.animals import ANIMALS
from tests.corpus.case import Case as CorpusCase
from tests.corpus.case import load_case
from tests.corpus.environment import make_environment

# Of what is kept: the class that a person would look for. Nothing where only memory grows that is no object of a kind.
TYPES = {
    "buffer": r"bytearray",
    "text": r"str",
    "counted-twice": r"bytes",
    "table": r"(?!)",
    "two-way": r"bidict",
    "library-task": r"Task|coroutine",
    "labels": r"Counter|Value",
    "logger": r"logging\.|Logger",
    "message-class": r"type|Message|Welcome",
    "timer": r"TimerHandle",
    "semaphore": r"Task|coroutine|Future",
    "http-client": r"Session|Connector",
}


# Of the corpus, by name: the lines that would do, in the library or in the application that uses it; the types of what
# is kept; the preset of the clients.
REAL: dict[str, tuple[str, str, str]] = {
    "callback-to-room": (r"calling\.py:|manager\.py:\d+ \S*(_generate_ack_id|emit)", r"function|method|count", "none"),
    "connection-waits": (r"nicegui/\S*client\.py:|app\.py:", r"Task|coroutine|Event|Client", "nicegui"),
    "cookie-paths": (r"cookiejar\.py:|app\.py:", r"Cookie|Morsel", "none"),
    "expired-channels": (r"layers\.py:", r"Queue|deque", "none"),
    "green-dummy-threads": (r"threading\.py:\d+ \S*(current_thread|Dummy)", r"Thread", "flask_socketio"),
    "greenlet-stacks": (r"app\.py:", r"greenlet", "none"),
    "half-packet": (r"async_server\.py:|packet\.py:", r"Packet", "none"),
    "multidict-of-headers": (r"app\.py:", r"CIMultiDict", "none"),
    "page-events": (r"app\.py:|nicegui/event\.py:", r"\bEvent\b", "nicegui"),
    "polling-never-removed": (r"engineio/(server|socket)\.py:|app\.py:", r"Socket", "flask_socketio"),
    "push-lists": (r"redis/|hiredis/|app\.py:", r"\blist\b", "none"),
    "raising-disconnect": (r"async_server\.py:|manager\.py:|app\.py:", r"dict", "none"),
    "reader-cycles": (r"redis/|hiredis/|app\.py:", r"HiredisParser|Reader|Connection", "none"),
    "span-processors": (r"app\.py:|sentry_sdk/scope\.py:", r"function|cell", "none"),
    "unanswered-callback": (r"calling\.py:|manager\.py:\d+ \S*(_generate_ack_id|emit)", r"function|method", "none"),
    "unknown-kernels": (r"handlers\.py:", r"Handler", "none"),
    "unknown-paths": (r"web_app\.py:|app\.py:", r"function|method|partial|MatchInfo", "none"),
    "value-finalizers": (r"binding\.py:|app\.py:", r"finalize|_Info", "nicegui"),
}


class Case(NamedTuple):
    """A leaky server: its name, command (with ``{port}``), the lines that tell, and the types; where, and with whom.

    ``options`` are those of ``soakproof run`` for its clients, ``needs`` what must run beside it.
    """

    name: str
    command: tuple[str, ...]
    line: re.Pattern[str]
    type: re.Pattern[str]
    directory: Path = Path()
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def is_real(self) -> bool:
        """Whether it is of the corpus: a library's leak, in an environment of its own."""
        return self.name in REAL


def animals() -> list[Case]:
    """Return twelve animals of the zoo, each on its leaky side."""
    return [
        Case(
            name,
            (sys.executable, "-m", "benchmarks.zoo", name, "leaky", "{port}"),
            re.compile(ANIMALS[name].line),
            re.compile(types),
        )
        for name, types in TYPES.items()
    ]


def real_cases() -> list[Case]:
    """Return the corpus, each case on its leaky side, in its own environment."""
    environments = {name: make_environment(case.python, case.builds["leaky"].pins) for name, case in corpus().items()}
    return [make_case(name, str(python)) for name, python in environments.items()]


def corpus() -> dict[str, CorpusCase]:
    """Return the cases of the corpus by name."""
    return {name: load_case(name) for name in REAL}


def make_case(name: str, python: str) -> Case:
    """Return a case of the corpus, to be served by a Python that has its pins."""
    case = load_case(name)
    line, types, preset = REAL[name]
    words = tuple(word.replace("{app}", case.builds["leaky"].app) for word in case.run)
    return Case(
        name,
        (python, *words),
        re.compile(line),
        re.compile(types),
        case.folder,
        (*(word.replace("crawl.py", str(case.folder / "crawl.py")) for word in case.options), "--preset", preset),
        tuple(case.needs),
    )
