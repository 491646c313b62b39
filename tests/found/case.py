"""What a case is: a package that serves Socket.IO or WebSockets, its server of ten lines, and how that is soaked."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
APPS = HERE / "apps"
OF_ALL = ["--clients", "100", "--waves", "7", "--steady", "0"]
DROPS = {
    "websocket": "close,reset,storm",
    "socketio": "graceful,close,reset,unacked,mid-call,mid-binary,storm,rejoin,malformed",
    "socketio-slowly": "graceful,close,reset,vanish,half-open,upgrade-abort,unacked,mid-call,mid-binary,polling,storm,"
    "reconnect,rejoin,malformed,oversize,pong-flood",  # a server finds some of them out by its timeouts alone
}


@dataclass(frozen=True)
class Case:
    """A package and how it is soaked.

    ``install`` is what pip gets, the newest of each, the package itself first; ``command`` is the server's after
    ``python``, started in ``apps``; ``options`` are those of ``soakproof run`` besides `OF_ALL` and the drop modes of
    what it ``speaks``; ``needs`` names what must run beside it (redis, at ``REDIS_URL``).
    """

    name: str
    install: list[str]
    command: list[str]
    options: list[str]
    speaks: str = "websocket"
    needs: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The package's name."""
        return self.install[0].partition("[")[0]

    @property
    def all_options(self) -> list[str]:
        """All options of ``soakproof run``."""
        plain = ["--protocol", "websocket"] if self.speaks == "websocket" else []
        return [*OF_ALL, *plain, "--drop", DROPS[self.speaks], *self.options]

    def typed(self) -> str:
        """Return what is typed to soak it."""
        words = ["soakproof", "run", *self.all_options, "--", "python", *self.command]
        return " ".join(f"'{word}'" if set(word) & set(' {"$;(') else word for word in words)


def load_cases() -> list[Case]:
    """Read all cases, in the order of the file."""
    table = tomllib.loads((HERE / "packages.toml").read_text())
    return [Case(name=name, **values) for name, values in table.items()]
