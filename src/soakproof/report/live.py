"""Live progress in the terminal while a run goes on; in a log, one plain line per wave instead."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from soakproof.controls import plain
from soakproof.wording.numbers import elide, say_bytes, say_seconds

REFRESHES_PER_S = 4
LOG_EVERY_S = 30.0


class LiveProgress:
    """Tells the person who waits what is going on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rss_bytes = 0.0
        self._started = time.monotonic()
        self._phase = "starting"
        self._doing = ""
        self._last_log_s = 0.0
        self._live = Live(self, console=console, refresh_per_second=REFRESHES_PER_S, transient=True)
        if console.is_terminal:
            self._live.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def phase(self, name: str) -> None:
        """Say that a phase begins."""
        self._begin(name)

    def wave(self, index: int, total: int) -> None:
        """Say that a wave begins."""
        self._begin(f"wave {index} of {total}")

    def progress(self, opened: int, clients: int) -> None:
        """Say how many clients were opened, and are open."""
        self._tell(f"{opened:,} opened, {clients:,} open")

    def memory(self, rss_bytes: float) -> None:
        """Say how much memory the target has, all processes together."""
        self._rss_bytes = rss_bytes

    def settle(self, waited_s: float, remaining: dict[str, float]) -> None:
        """Say how long the target has been settling, and what remains."""
        left = max(remaining, key=lambda name: remaining[name], default=None)
        waits_for = f", waiting for {remaining[left]:,.0f} {elide(left, 40)}" if left else ""
        self._tell(f"settling for {say_seconds(waited_s)}{waits_for}")

    def note(self, message: str) -> None:
        """Say something worth a line of its own."""
        self._console.print(Text(plain(f"{self._elapsed()}  {message}"), style="yellow"), soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back; harmless when called twice."""
        self._live.stop()

    def __rich_console__(self, console: Console, _options: ConsoleOptions) -> RenderResult:
        """Draw the one line that shows where the run is."""
        line = Table.grid(padding=(0, 2))
        line.add_row(
            Text(self._elapsed(), style="dim"),
            Text(self._phase, style="bold"),
            Text(self._doing, overflow="ellipsis", no_wrap=True),
            Text(self._rss(), style="dim"),
        )
        yield line if console.is_terminal else Text()

    def _begin(self, phase: str) -> None:
        self._phase, self._doing = phase, ""
        self._log()

    def _tell(self, doing: str) -> None:
        self._doing = doing
        if time.monotonic() - self._last_log_s > LOG_EVERY_S:
            self._log()

    def _log(self) -> None:
        """Write a plain line where there is no terminal to draw on."""
        self._last_log_s = time.monotonic()
        if not self._console.is_terminal:
            parts = (self._elapsed(), self._phase, self._doing, self._rss())
            self._console.print(Text("  ".join(part for part in parts if part)), soft_wrap=True)

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes:3d}:{seconds:02d}"

    def _rss(self) -> str:
        return f"RSS {say_bytes(self._rss_bytes)}" if self._rss_bytes else ""
