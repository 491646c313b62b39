"""The flame graph in a real browser: views, opening a frame, going by keyboard, and what is told of a frame."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from soakproof.judge import judge_run
from soakproof.report import write_reports
from tests.browser.quiet_pages import quiet_page
from tests.unit.report.test_report_flame import run_with_stacks

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of a leak whose stacks are known."""
    run = run_with_stacks()
    (file,) = write_reports(run, judge_run(run), tmp_path_factory.mktemp("report"), ["html"])
    return Path(file).as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page and fail the test on any message or request."""
    with quiet_page(browser, address, "dark") as page:
        yield page


def frames(page: Page) -> list[str]:
    return page.locator("#flame-graph .frame").all_inner_texts()


def test_frames_lie_beneath_those_that_led_to_them_as_wide_as_they_keep(page):
    """The whole is on top, and children share their parent's width by bytes."""
    assert frames(page)[:3] == ["all that stays", "serve (uvicorn/server.py:70)", "handler; of all (server/app.py:12)"]
    whole, serve, handler = (page.locator("#flame-graph .frame").nth(at).bounding_box() for at in range(3))
    assert serve["width"] == pytest.approx(whole["width"], abs=1)
    assert handler["width"] / whole["width"] == pytest.approx(312 / 332, abs=0.01)
    assert whole["y"] < serve["y"] < handler["y"]
    assert page.locator("#flame-graph .named").count() == 2


def test_a_frame_is_opened_and_closed(page):
    """A click makes it the widest, with the way to it above; Back returns."""
    before = frames(page)
    page.locator("#flame-graph .frame", has_text="handler; of all").click()
    assert frames(page)[0] == "handler; of all (server/app.py:12)"
    assert page.locator("#flame-path").inner_text() == "handler; of all (server/app.py:12)"
    page.locator("#flame-out").click()
    assert frames(page) == before
    assert page.locator("#flame-out").is_disabled()


def test_it_goes_by_keyboard_and_tells_what_it_is_at(page):
    """One stop for Tab; arrows go down, up and beside; Enter opens, Backspace closes."""
    page.locator("#flame-module").focus()
    page.keyboard.press("Tab")
    told = page.locator("#flame-told")
    assert told.inner_text() == "all that stays: +332 B per connection"
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert told.inner_text() == "record (server/trail.py:7): +100 B per connection, 30%"
    page.keyboard.press("ArrowLeft")
    assert told.inner_text().endswith("64% · named by the verdict")
    page.keyboard.press("Enter")
    assert frames(page) == ["lock_document (server/documents.py:88)"]
    page.keyboard.press("Backspace")
    assert frames(page)[0] == "all that stays"


def test_by_module_names_modules(page):
    """The other view has one frame for each stretch within a module."""
    page.locator("#flame-module").click()
    assert page.locator("#flame-module").get_attribute("aria-pressed") == "true"
    assert frames(page)[1:4] == ["uvicorn.server", "server.app", "server.documents"]


def test_it_fits_and_breaks_no_rule(page):
    """On a phone it is no wider than the screen, and axe-core finds nothing in it."""
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.evaluate(AXE)
    found = page.evaluate("axe.run('#lines', { resultTypes: ['violations'] })")["violations"]
    assert [each["id"] + each["nodes"][0]["html"] for each in found] == []


def test_without_a_script_the_stacks_are_listed(browser, address):
    """Each with its bytes and its frames, outermost first."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    listed = page.locator("#lines noscript li").all_inner_texts()
    assert listed[0] == (
        "+212 B per connection: serve (uvicorn/server.py:70) > handler; of all (server/app.py:12) > "
        "lock_document (server/documents.py:88)"
    )
    assert page.locator("#flame-tools").is_hidden()
    context.close()
