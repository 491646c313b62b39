"""What is true of each planted leak: what its first finding must name, and how it has to be soaked to show.

``owner`` is looked for in the first finding's metric, owner, types and trigger; ``line`` in the places of its first
lines. One of the two has to be there for a leak to count as named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COLLABORATION = ("-f", "loadtests/collaboration.py")
HELD = ("--held", "--join", "subscribe_projects={}", "--drop", "unacked", "--clients", "200")
RARE = 0.01
RARE_UNHELD = 0.1
RARE_OF_HALF = 0.02  # half of the clients leave by the mode that leaks: of all it is one in a hundred


@dataclass(frozen=True)
class Truth:
    """The right answer for a leak, and the options that let it show.

    ``rare`` is the rate that the detector promises to see: one entry in 100 connections where a container or an exact
    count holds them, one object in ten where nothing does; None where it promises nothing below the natural rate.
    """

    owner: str
    line: str = r"(?!)"
    options: tuple[str, ...] = COLLABORATION
    rare: float | None = RARE

    def is_named_by(self, names: list[str], places: list[str]) -> bool:
        """Whether one of the names or one of the lines is right."""
        return any(re.search(self.owner, name) for name in names) or any(re.search(self.line, p) for p in places)


LEAKS: dict[str, Truth] = {
    "broadcast-times": Truth(r"broadcast_times", r"server/progress\.py"),
    "document-states": Truth(r"document_states", r"server/documents\.py"),
    "document-locks": Truth(r"document_locks", r"server/locks\.py"),
    "chat-sessions": Truth(r"ChatSessions|\.sessions$", r"server/chat\.py"),
    "raising-disconnect": Truth(r"manager\.rooms|pending_disconnect|environ|raising RuntimeError at mistakes\.py"),
    "poison-record": Truth(r"document_states", r"server/documents\.py"),
    "last-leaver": Truth(r"[Pp]resence|document_states|Groups\._members", r"server/(presence|documents)\.py"),
    "late-lock": Truth(r"document_locks", r"server/locks\.py|mistakes\.py:\d+ \S*grant"),
    "unacked-callback": Truth(r"manager\.callbacks", r"mistakes\.py:\d+ \S*ask", HELD),
    "growing-document": Truth(r"MINUTES", r"plant_growing_document"),
    "empty-rooms": Truth(r"manager\.rooms", r"make_room"),
    "global-list": Truth(r"VISITORS", r"plant_global_list"),
    "closure": Truth(r"farewells", r"leaks\.py:\d+ \S*remember"),
    "reference-cycle": Truth(r"leaks\.Client", r"leaks\.py:\d+ \S*tie", rare=RARE_UNHELD),
    "one-in-twenty": Truth(r"RARE", r"_plant_every"),
    "one-in-a-hundred": Truth(r"RARE", r"_plant_every", rare=None),
    "exception-traceback": Truth(r"FAILURES", r"leaks\.py:\d+ \S*fail"),
    "logger-handlers": Truth(r"(?i)greetings|_handler", r"plant_logger_handlers"),
    "weakref-callback": Truth(r"DEAD", r"plant_weakref_callback"),
    "contextvar": Truth(r"TRACES", r"plant_contextvar"),
    "one-drop-mode-only": Truth(r"GRACEFUL", r"leaks\.py", (*COLLABORATION, "--drop", "close,graceful"), RARE_OF_HALF),
    "orphan-task": Truth(r"wait_for_days|resources:WAITING"),
    "thread": Truth(r"^thread|threading", r"resources\.py:\d+ \S*start"),
    "fd": Truth(r"^fd", r"resources\.py:\d+ \S*open_file"),
    "native": Truth(r"^process:uss|^heap:", rare=None),
}

TRAPS = (
    "lru-cache",
    "ttl-cache",
    "deque-ring",
    "high-water",
    "sawtooth",
    "connection-pool",
    "interned-strings",
    "slow-drain",
)
