"""The servers of the campaign: how each is started, its table, and how long entries stay there in truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

APPS = Path(__file__).parent / "apps"
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
PLAN = ("--clients", "150", "--waves", "7", "--warmup", "1", "--steady", "4", "--drop", "graceful=4,reset=1")
ASGI = ("-m", "uvicorn", "{app}:app", "--port", "{port}", "--log-level", "warning")
SCRIPT = ("{app}.py", "{port}")


@dataclass(frozen=True)
class Case:
    """One server: its table, and how long an entry stays in truth, at the least and at the most.

    ``way`` is how it is started, ``environment`` the packages and the Python that it runs on.
    """

    app: str
    table: str
    stay_s: tuple[float, float]
    leaky_table: str = ""
    forward: str = "2h"
    way: tuple[str, ...] = ASGI
    options: tuple[str, ...] = ()
    environment: str = "hours"
    variant: str = ""
    is_leaky: bool = False

    @property
    def name(self) -> str:
        """What the case is called in the data."""
        return f"{self.app}{f' ({self.variant})' if self.variant else ''}{', leaky' if self.is_leaky else ''}"

    @property
    def command(self) -> tuple[str, ...]:
        """The arguments of the Python that serves."""
        return tuple(word.replace("{app}", self.app) for word in self.way)

    @property
    def module(self) -> str:
        """What the module of the table is called in the process."""
        return "__main__" if self.way == SCRIPT else self.app

    @property
    def named(self) -> str:
        """The table that a leak's first finding has to name."""
        return self.leaky_table if self.is_leaky and self.leaky_table else self.table


TWELVE = (
    Case("sweeper_task", "CLIENTS", (5 * MINUTE_S, 15 * MINUTE_S)),
    Case("call_later", "CLIENTS", (4 * MINUTE_S, 4 * MINUTE_S)),
    Case("sleeping_thread", "LAST_SEEN", (10 * MINUTE_S, 12 * MINUTE_S)),
    Case("event_wait", "DRAFTS", (MINUTE_S, 6 * MINUTE_S)),
    Case("gevent_sleep", "CURSORS", (4 * MINUTE_S, 7 * MINUTE_S), way=SCRIPT),
    Case("ttl_cache", "PROFILES._Cache__data", (15 * MINUTE_S, 15 * MINUTE_S), leaky_table="OWNERS"),
    Case("on_access", "VISITORS", (20 * MINUTE_S, 20 * MINUTE_S), options=("--join", "who={}")),
    Case("at_connect", "TOKENS", (30 * MINUTE_S, 30 * MINUTE_S)),
    Case("daily_job", "TODAY", (0.0, DAY_S), forward="1d"),
    Case("scheduler", "UPLOADS", (10 * MINUTE_S, 15 * MINUTE_S)),
    Case("flask_task", "TYPING", (2 * MINUTE_S, 6 * MINUTE_S), way=SCRIPT),
    Case("sessions", "SESSIONS", (2 * HOUR_S, 2 * HOUR_S + MINUTE_S), forward="3h"),
)
SWEEPER = TWELVE[0]
VARIANTS = (
    replace(SWEEPER, variant="asyncio", way=(*ASGI, "--loop", "asyncio")),
    replace(SWEEPER, variant="uvloop", way=(*ASGI, "--loop", "uvloop")),
    replace(SWEEPER, variant="two workers", way=(*ASGI, "--workers", "2")),
    replace(SWEEPER, variant="Python 3.14", environment="3.14"),
    replace(TWELVE[2], variant="Python 3.14", environment="3.14"),
    replace(SWEEPER, variant="Python 3.14, two workers", environment="3.14", way=(*ASGI, "--workers", "2")),
)
SLICE = (SWEEPER, replace(SWEEPER, is_leaky=True))


def all_cases() -> list[Case]:
    """Return the twelve, their leaky twins, then the ways to serve."""
    return [*TWELVE, *(replace(case, is_leaky=True) for case in TWELVE), *VARIANTS]
