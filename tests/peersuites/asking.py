"""Asks every agent that turns up in a directory, over and over: censuses, explanations, tracing, lines followed."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from soakproof.errors import AgentError
from soakproof.target.link import AgentLink

# What is asked of each in turn; tracing ends before the next round, so that censuses are taken with and without.
ROUND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("census", {"collect": True, "trim": True, "discover": True}),
    ("counters", {}),
    ("census", {"collect": True, "trim": False, "discover": True}),
    ("objects", {"collect": True}),
    ("census", {"collect": False, "trim": False, "discover": True}),
    ("trace_start", {"frames": 3}),
    ("trace_mark", {}),
    ("census", {"collect": False, "trim": False}),
    ("trace_growth", {"top": 5}),
    ("trace_stacks", {"top": 5}),
    ("explain", {"subjects": [["task:total", None], ["thread:total", None]]}),
    ("trace_stop", {}),
    ("follow", {"owners": ["__main__:NOTHING"]}),
    ("census", {"collect": True, "trim": True}),
    ("followed", {}),
)


class Asker:
    """Asks from a thread of its own, until it is left; ``answered`` counts by op, ``refused`` by what was said."""

    def __init__(self, directory: Path, pause_s: float) -> None:
        self._directory = directory
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, name="asker")
        self.answered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.processes: set[int] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _ask_on(self) -> None:
        while not self._ended.wait(self._pause_s):
            for path in sorted(self._directory.glob("*.sock")):
                with suppress(AgentError, OSError, ValueError):  # of a process that has ended meanwhile
                    self._ask(path)

    def _ask(self, path: Path) -> None:
        link = AgentLink(path)
        self.processes.add(link.pid)
        try:
            for op, fields in ROUND:
                if self._ended.wait(self._pause_s):
                    return
                self._ask_for(link, op, fields)
        finally:
            link.close()

    def _ask_for(self, link: AgentLink, op: str, fields: dict[str, Any]) -> None:
        try:
            link.request(op, **fields)
        except AgentError as error:
            if "refused" in str(error):
                self.refused[f"{op}: {str(error).partition(':')[2].strip()[:160]}"] += 1
            raise
        self.answered[op] += 1
