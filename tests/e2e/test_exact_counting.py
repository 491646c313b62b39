"""What grows inside objects, or in none: each row of the table of issue 16 is a leak, named, with its line."""

from __future__ import annotations

import pytest

from tests.e2e.commands import SERVER, soak, soak_served

pytestmark = [pytest.mark.timeout(600)]

APP = """
import ctypes
import time
from array import array

import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
audit = bytearray()
notes = ""
times = array("d")
clients = 0


@sio.event
async def connect(sid, environ):
    global clients, notes
    clients += 1
    {line}
"""
LOSE = "if clients % {every} == 0: ctypes.pythonapi.Py_IncRef(ctypes.py_object(bytes(40)))"
BYTEARRAY, TEXT, ARRAY = 'audit.extend(b"." * {size})', "notes += sid[:20].ljust(40)", "times.append(time.time())"
SMALL = ("--clients", "150", "--waves", "8", "--steady", "0")
LONGEST_S = 560


def soak_line(directory, line, *options):
    """Soak a server whose connect handler does one thing, and return what was found."""
    (directory / "app.py").write_text(APP.format(line=line))
    return soak_served(directory, list(options), SERVER, LONGEST_S)


def assert_named(done, name, slope, line):
    """The leak is at the top, by its name, with its exact slope and the line that adds to it."""
    first = done.verdict["findings"][0]
    assert (done.verdict["verdict"], first["name"]) == ("leak", name), done.printed
    assert first["per_connection"] == pytest.approx(slope, rel=0.05)
    assert first["culprit"]["sites"][0]["source"] == line


def test_a_buffer_is_named_in_a_short_run(tmp_path):
    """A module's text that gains 40 bytes with each of a few clients: the slice of what the slow tests soak."""
    source = APP.format(line=TEXT)
    assert_named(soak(tmp_path, source, "--drain", "2"), "app.notes", 40, TEXT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "name", "slope"),
    [(BYTEARRAY.format(size=100), "app.audit", 100), (TEXT, "app.notes", 40), (ARRAY, "app.times", 8)],
)
def test_a_buffer_is_named_at_the_options_of_the_table(tmp_path, line, name, slope):
    """Buffers that gain 100, 40 and 8 bytes per connection were called bounded, exit 0."""
    assert_named(soak_line(tmp_path, line, *SMALL), name, slope, line)


@pytest.mark.slow
@pytest.mark.parametrize("every", [2, 10])
def test_lost_objects_are_named_by_their_line_at_the_defaults(tmp_path, every):
    """One untracked object in two, and in ten connections, is an exact slope in one size of blocks."""
    line = LOSE.format(every=every)
    assert_named(soak_line(tmp_path, line), "80", 1 / every, line)


@pytest.mark.slow
def test_64_bytes_in_a_buffer_are_named_at_the_defaults(tmp_path):
    """The least that is promised: 64 bytes per connection."""
    line = BYTEARRAY.format(size=64)
    assert_named(soak_line(tmp_path, line), "app.audit", 64, line)


@pytest.mark.slow
def test_a_lost_object_in_two_is_no_green_in_waves_of_fifty(tmp_path):
    """It was bounded, because waves of fifty resolved no less than 0.6 blocks."""
    done = soak_line(tmp_path, LOSE.format(every=2), "--clients", "50", "--waves", "14", "--steady", "0")
    assert done.verdict["verdict"] == "leak", done.printed


@pytest.mark.slow
def test_a_plan_that_cannot_decide_is_told_so_before_it_runs(tmp_path):
    """Five waves of fifty on a clean server: the warning comes before the first wave, with options that are enough."""
    done = soak_line(tmp_path, "pass", "--clients", "50", "--waves", "5", "--steady", "0")
    before = done.printed.partition("wave 1 of")[0]
    assert "this run cannot prove the server bounded" in before, done.printed
    assert "--clients 157 --waves 5" in before
