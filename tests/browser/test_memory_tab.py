"""The memory tab of Locust's own page, in a real Chromium, while a soak runs."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.e2e.commands import SERVER
from tests.runningsoaks import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # a soak and its page, on a busy machine
SHOTS = os.environ.get("MEMORY_TAB_SHOTS")

LEAKS = """
import socketio

sio = socketio.AsyncServer(async_mode="asgi")
app = socketio.ASGIApp(sio)
VISITORS = {}


@sio.event
async def connect(sid, environ):
    VISITORS[sid] = environ["PATH_INFO"]
"""
BRIEF = ["--clients", "20", "--waves", "9", "--max-waves", "9", "--warmup", "1", "--steady", "0", "--drain", "0"]
PLAIN = ["--trace", "never", "--format", "text,json", "--ui", "--out", "out"]
LONGEST_S = 150


@pytest.fixture
def soak(tmp_path):
    """A soak of a leaking server that serves Locust's page; yields it, and where the page is."""
    (tmp_path / "app.py").write_text(LEAKS)
    command = [sys.executable, "-m", "soakproof", "run", *BRIEF, *PLAIN, "--ui-port", "0", "--", *SERVER]
    log = tmp_path / "soak.log"
    with log.open("w") as stream, subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream) as process:
        try:
            yield process, wait_until(lambda: re.search(r"http://\S+tab=memory", log.read_text()))[0]
        finally:
            process.terminate()


def test_the_tab_tells_of_the_target_while_the_soak_runs(browser, soak):
    """Rows are there once the target was read, and become the verdict; the other tabs are Locust's own."""
    process, address = soak
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    expect(page.get_by_role("tab", name="Memory")).to_have_attribute("aria-selected", "true")
    row = page.get_by_role("row").filter(has_text=re.compile("^registry app.VISITORS"))
    expect(row).to_contain_text("leak", timeout=LONGEST_S * 1000)
    expect(page.get_by_role("row").filter(has_text=re.compile("^the run"))).to_contain_text(
        "leak: registry app.VISITORS"
    )
    told = page.locator("tbody tr").all_inner_texts()
    assert [row.partition("\t")[0] for row in told[:2]] == ["the run", "registry app.VISITORS"]
    page.get_by_role("tab", name="Statistics").click()
    expect(page.get_by_role("row").filter(has_text="connect").first).to_be_visible()
    if SHOTS:
        page.get_by_role("tab", name="Memory").click()
        page.screenshot(path=f"{SHOTS}/memory-tab.png")
    page.close()
    assert complaints == []
    assert process.wait(LONGEST_S) == 1


def test_who_looks_on_steers_nothing(soak):
    """A run that somebody stops or resets in the page would be short of clients, and its verdict false."""
    process, address = soak
    for path in ("stop", "swarm", "stats/reset"):
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(f"{address.partition('?')[0]}{path}", data=b"", timeout=10)
        with refused.value as answer:
            assert "Ctrl-C" in answer.read().decode()
    assert process.poll() is None


def test_a_port_that_is_taken_is_said(tmp_path):
    """Exit code 2, with what to do, and no run."""
    (tmp_path / "app.py").write_text(LEAKS)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "soakproof", "run", *PLAIN, "--ui-port", port, "--", *SERVER]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"--ui-port {port}: Address already in use; need a port that is free" in done.stderr
    assert not (tmp_path / "out").exists()
