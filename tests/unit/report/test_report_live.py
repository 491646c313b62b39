"""Live progress: one moving line in a terminal, plain lines in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from soakproof.report.live import LiveProgress


def run_through(console):
    with LiveProgress(console) as progress:
        progress.phase("baseline")
        for wave in (1, 2, 3):
            progress.wave(wave, 3)
            progress.progress(10 * wave, 5)
            progress.settle(1.5, {"task:total": 4.0, "library:eio.sockets": 9.0})
        progress.note("extended by [bold]1[/bold] wave")
    progress.close()


def test_a_log_gets_one_plain_line_per_wave():
    """Where nothing can be redrawn, each wave is one line, without control characters."""
    stream = io.StringIO()
    run_through(Console(file=stream, width=80))
    lines = stream.getvalue().splitlines()
    assert [line.split(None, 1)[1] for line in lines] == [
        "baseline",
        "wave 1 of 3",
        "wave 2 of 3",
        "wave 3 of 3",
        "extended by [bold]1[/bold] wave",
    ]
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_sees_wave_clients_what_is_waited_for_and_rss():
    """The moving line says where the run is, and is gone when it ends; notes stay."""
    stream = io.StringIO()
    console = Console(file=stream, width=120, force_terminal=True, color_system=None)
    with LiveProgress(console) as progress:
        progress.memory(95.0 * 2**20)
        progress.wave(2, 3)
        progress.progress(1200, 600)
        with console.capture() as capture:
            console.print(progress)
        assert "wave 2 of 3" in capture.get()
        assert "1,200 opened, 600 open" in capture.get()
        assert "RSS 95.0 MiB" in capture.get()
        progress.settle(12.0, {"task:total": 4.0, "library:eio.sockets": 9.0})
        with console.capture() as capture:
            console.print(progress)
        assert "settling for 12 s, waiting for 9 library:eio.sockets" in capture.get()
    assert "\x1b[2K" in stream.getvalue()
    assert "wave 2 of 3  RSS 95.0 MiB\n" not in stream.getvalue()


def test_a_run_that_fails_gives_the_terminal_back():
    """The cursor is shown again when the run ends by an exception."""
    stream = io.StringIO()
    console = Console(file=stream, width=120, force_terminal=True)
    with pytest.raises(RuntimeError, match="target died"), LiveProgress(console):
        raise RuntimeError("target died")
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")
