"""What a person does in a real Chromium, recorded, and soaked with the file as it was written: the leak is found."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from tests.apps.record_chat import PASSWORD
from tests.browser.conftest import SWITCHES
from tests.e2e.commands import soak_served
from tests.programs import need
from tests.recording import APPS, recording, serve

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

SHORT = ["--clients", 30, "--waves", 7, "--warmup", 2, "--steady", 0, "--drain", 2, "--drop", "close"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), headless=True, args=SWITCHES)
        yield browser
        browser.close()


def press(page):
    """Press a button of the page that is like NiceGUI's."""
    page.get_by_role("button", name="Greet").click()
    page.wait_for_selector("body[data-state='Hello Ada']")


def chat(page):
    """Log in, say something, see it come back."""
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Enter").click()
    page.get_by_label("Text").fill("hi {n}")
    page.wait_for_selector("body[data-room=lobby]")
    page.get_by_role("button", name="Say").click()
    page.get_by_text("hi {n}").wait_for()


def record(browser, app, path, visit, file):
    """Record a visit, and return what the file holds."""
    with recording(app, file) as recorder:
        page = browser.new_context().new_page()
        page.goto(recorder.url + path)
        visit(page)
        page.close()
        assert recorder.end() == 0, recorder.printed
    return file.read_text()


def find_leak(app, file, tmp_path, monkeypatch):
    """Soak a leaking app with the file as it is; return the finding that comes first."""
    monkeypatch.setenv("LEAK", "1")
    monkeypatch.setenv("PYTHONPATH", str(APPS))
    done = soak_served(tmp_path, ["-f", file, *SHORT], serve(app))
    assert done.verdict["verdict"] == "leak", done.printed
    assert done.verdict["load"]["failures"] == 0, done.printed
    return done.verdict["findings"][0]


@pytest.mark.slow
def test_a_page_with_ids_of_its_own_is_replayed(browser, tmp_path, monkeypatch):
    """The page's id and its buttons' listeners are taken anew by each client: the leak behind a button is found."""
    file = tmp_path / "recorded.py"
    written = record(browser, "record_page", "/", press, file)
    assert '"client_id": "{taken client_id}"' in written
    finding = find_leak("record_page", file, tmp_path, monkeypatch)
    assert finding["culprit"]["owner"] == "record_page:pressed"
    assert 0.95 <= finding["per_connection"] <= 1.05


@pytest.mark.slow
def test_a_chat_behind_a_login_is_replayed(browser, tmp_path, monkeypatch):
    """Login, ticket, room, key and the id of the message are each client's own; the password is nowhere in the file."""
    file = tmp_path / "recorded.py"
    written = record(browser, "record_chat", "/chat", chat, file)
    assert PASSWORD not in written
    assert 'need_variables("PASSWORD")' in written
    monkeypatch.setenv("PASSWORD", PASSWORD)
    finding = find_leak("record_chat", file, tmp_path, monkeypatch)
    assert finding["culprit"]["owner"] == "record_chat:seen"
    assert 0.95 <= finding["per_connection"] <= 1.05
