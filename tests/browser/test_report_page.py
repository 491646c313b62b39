"""``report.html`` in a real browser: no error, a filter that works, dark that is dark, no sideways scroll."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from soakproof.judge import judge_run
from soakproof.report import write_reports
from tests.browser.quiet_pages import quiet_page
from tests.synthetic_runs import make_run

pytestmark = pytest.mark.browser

METRICS = 25
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
LINE_COLOUR = """[...document.querySelectorAll('svg path')].map((path) => getComputedStyle(path).stroke)
    .find((stroke) => ['rgb(0, 114, 178)', 'rgb(86, 180, 233)'].includes(stroke))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of a leak and return where it is."""
    out = tmp_path_factory.mktemp("report")
    run = make_run("leak")
    (file,) = write_reports(run, judge_run(run), out, ["html"])
    return Path(file).as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page and fail the test on any error, warning or request that it makes."""
    with quiet_page(browser, address, "light") as page:
        yield page


def shown_rows(page: Page) -> list[str]:
    return page.locator("#findings-table tbody tr:visible th code").all_inner_texts()


def test_the_verdict_is_what_one_sees_first(page):
    """Badge, sentence and exit code stand in the first screen."""
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text().startswith("server.documents:locks leaks")
    assert heading.bounding_box()["y"] < 300
    assert page.locator(".badge").inner_text().endswith("leak")


def test_the_filter_leaves_what_was_asked_for(page):
    """Text and verdict narrow the table together, and the count says how far."""
    assert len(shown_rows(page)) == METRICS
    page.get_by_label("Name or reason").fill("eio SOCKETS")
    assert shown_rows(page) == ["eio.sockets"]
    assert page.locator("#filter-count").inner_text() == f"1 of {METRICS} metrics"
    page.get_by_label("Name or reason").fill("")
    page.locator("#filter-verdict").select_option("leak")
    assert shown_rows(page)[0] == "server.documents.locks"
    assert all("leak" in row.get_attribute("data-verdict") for row in page.locator("tbody tr:visible").all())
    page.locator("#filter-verdict").select_option("")
    assert len(shown_rows(page)) == METRICS


def test_the_table_is_ordered_by_keyboard(page):
    """A heading takes the focus, and Enter orders by it, up and down."""
    page.locator("thead button", has_text="peak").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("peak")
    assert shown_rows(page)[0] == "RSS"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_enter_in_the_filter_does_not_leave_the_page(page, address):
    """The filter is a form that is sent nowhere."""
    page.get_by_label("Name or reason").fill("heap")
    page.keyboard.press("Enter")
    assert page.url == address


def test_dark_is_dark_for_the_page_and_for_the_lines_of_charts(page):
    """The reader's colour scheme turns paper and lines, markers inside symbols included."""
    light = page.evaluate(BACKGROUND), page.evaluate(LINE_COLOUR)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(BACKGROUND), page.evaluate(LINE_COLOUR)
    assert light == ("rgb(255, 255, 255)", "rgb(0, 114, 178)")
    assert dark == ("rgb(18, 22, 27)", "rgb(86, 180, 233)")


def test_it_is_printed_light(page):
    """Paper is white, whatever the screen was."""
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_screen_has_to_scroll_sideways(page, width):
    """The page fits; what is wider scrolls in a region of its own that the keyboard can reach."""
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter((region) => region.scrollWidth > region.clientWidth + 1)"
        ".every((region) => region.tabIndex === 0 && region.getAttribute('role') === 'region')"
    )
    assert wide


def test_chart_texts_stay_inside_their_charts(page):
    """No label is cut off at a chart's edge with the fonts of this browser."""
    outside = page.evaluate(
        """[...document.querySelectorAll('.chart svg')].flatMap((svg) => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')]
                .filter((text) => text.getBoundingClientRect().right > frame.right + 2
                    || text.getBoundingClientRect().left < frame.left - 2)
                .map((text) => text.textContent);
        })"""
    )
    assert outside == []
