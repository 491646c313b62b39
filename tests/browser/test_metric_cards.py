"""The page's metrics in a real browser: cards that are sorted and filtered, and open large, by pointer and keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from soakproof.judge import judge_run
from soakproof.report import write_reports
from soakproof.wording.numbers import say_bytes, say_compact
from tests.browser.quiet_pages import quiet_page
from tests.synthetic_runs import make_run

pytestmark = pytest.mark.browser

METRICS = 25
PATHS = "document.querySelector('#large .reading').getAttribute('d')"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page of a leak and return where it is."""
    run = make_run("leak")
    (file,) = write_reports(run, judge_run(run), tmp_path_factory.mktemp("report"), ["html"])
    return Path(file).as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page and fail the test on any error, warning or request that it makes."""
    with quiet_page(browser, address, "light") as page:
        yield page


def shown(page: Page) -> list[str]:
    return page.locator("#cards > li:visible h3").all_inner_texts()


def open_first(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.locator("#cards > li:visible h3 button").first.click()


def test_every_metric_has_a_card_with_its_chart(page):
    """None is left out: the first are drawn at once, the others on asking, the leak first."""
    assert len(shown(page)) == 24
    page.get_by_role("button", name=f"Show all {METRICS}").click()
    assert len(shown(page)) == METRICS
    assert page.locator("#cards .small svg .reading").count() == METRICS
    assert shown(page)[0] == "server.documents.locks"
    assert page.evaluate("document.activeElement.closest('#cards') !== null")


def test_cards_are_filtered_by_text_verdict_and_kind(page):
    """The three narrow together, and the count says how far."""
    page.get_by_label("Name", exact=True).fill("eio SOCKETS")
    assert shown(page) == ["eio.sockets"]
    assert page.locator("#cards-count").inner_text() == f"1 of {METRICS} metrics"
    page.get_by_label("Name", exact=True).fill("")
    page.locator("#cards-kind").select_option("process")
    assert sorted(shown(page)) == ["RSS", "USS"]
    page.locator("#cards-kind").select_option("")
    page.locator("#cards-verdict").select_option("leak")
    assert shown(page)[0] == "server.documents.locks"
    assert {card.get_attribute("data-verdict") for card in page.locator("#cards > li:visible").all()} == {"leak"}


@pytest.mark.parametrize("order", ["growth", "name", "kind", "verdict"])
def test_cards_are_ordered(page, order):
    """By growth in margins downwards, by name, by kind, by verdict with leaks first."""
    page.locator("#cards-more").click()
    page.locator("#cards-order").select_option(order)
    if order == "name":
        names = shown(page)
        assert names == sorted(names, key=str.lower)
        return
    attribute = {"growth": "data-growth", "kind": "data-kind", "verdict": "data-rank"}[order]
    values = [card.get_attribute(attribute) for card in page.locator("#cards > li").all()]
    if order == "kind":
        assert values == sorted(values)
    else:
        assert values != [values[0]] * len(values)
        numbers = list(map(float, values))
        assert numbers == sorted(numbers, reverse=order == "growth")


def test_a_card_opens_large_by_keyboard_and_gives_the_focus_back(page):
    """Tab reaches it, Enter opens it, Escape closes it where one was."""
    page.locator("#cards-order").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#large").is_visible()
    assert page.locator("#large h2").inner_text() == "server.documents.locks"
    assert "entries at first" in page.locator("#large .why").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#large").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "server.documents.locks"


def test_a_card_is_opened_by_a_click_anywhere_on_it(page):
    """The whole card is the button, its chart included."""
    chart = page.locator("#cards > li .small svg").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("#large").is_visible()


def test_the_cursor_tells_what_was_read(page):
    """Arrow keys go from reading to reading, and a screen reader hears time, phase, connections and value."""
    open_first(page, "server.documents.locks")
    slider = page.get_by_role("slider")
    assert slider.evaluate("each => document.activeElement === each")
    page.keyboard.press("End")
    last = slider.get_attribute("aria-valuetext")
    assert re.fullmatch(r"[\d.]+ s · drain · [\d,]+ connections · [\d,]+ entries( · at rest, not judged)?", last), last
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") != last
    assert page.locator("#large .told").first.inner_text() == slider.get_attribute("aria-valuetext")
    assert page.locator("#large .cursor").count() == 1


def test_the_pointer_tells_what_was_read(page):
    """Hovering shows the value nearest to the pointer, over time and at rest."""
    open_first(page, "server.documents.locks")
    page.locator("[data-part=time]").hover(position={"x": 300, "y": 100})
    assert " entries" in page.locator("[data-part=told]").inner_text()
    page.locator("[data-part=growth]").hover(position={"x": 200, "y": 100})
    assert " · at rest, judged" in page.locator("[data-part=told-growth]").inner_text()


def test_it_zooms_by_buttons_keys_and_dragging(page):
    """Each shows another stretch of the line, says which, and the whole run comes back."""
    open_first(page, "server.documents.locks")
    whole, said = page.evaluate(PATHS), page.locator("[data-part=range]")
    assert said.inner_text() == "the whole run"
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate(PATHS) != whole
    assert re.fullmatch(r"[\d.]+ s to [\d.]+ s", said.inner_text())
    page.get_by_role("button", name="Whole run").click()
    assert page.evaluate(PATHS) == whole
    page.get_by_role("slider").focus()
    page.keyboard.press("+")
    assert page.evaluate(PATHS) != whole
    page.keyboard.press("0")
    box = page.locator("[data-part=time]").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 110)
    assert page.locator("#large .selection").count() == 1
    page.mouse.up()
    assert said.inner_text() != "the whole run"
    page.locator("[data-part=time]").dblclick(position={"x": 300, "y": 100})
    assert said.inner_text() == "the whole run"


def test_it_goes_on_to_the_next_of_those_shown(page):
    """Previous and next follow the order and the filter."""
    page.locator("#cards-kind").select_option("process")
    page.locator("#cards > li:visible h3 button").first.click()
    first = page.locator("#large h2").inner_text()
    assert page.get_by_role("button", name="Previous").is_disabled()
    page.get_by_role("button", name="Next").click()
    assert {first, page.locator("#large h2").inner_text()} == {"RSS", "USS"}
    assert page.get_by_role("button", name="Next").is_disabled()


def test_what_is_judged_is_drawn_with_band_waves_and_bound(page):
    """The large chart shades waves, bands the slope, marks rest points and draws a bound where there is one."""
    open_first(page, "server.documents.locks")
    for part in ("wave", "warmup", "band", "fit", "dots"):
        assert page.locator(f"[data-part=time] .{part}").first.get_attribute("d"), part
    assert page.locator("[data-part=growth] .cone").get_attribute("d")
    assert page.locator("#large tbody tr").count() >= 10


def test_its_figures_are_said_as_everywhere(page):
    """Amounts in the charts read as the reports' own do."""
    for value in (0, 7, 7.5, 212, 1234, 81_900_000, 5 << 30):
        assert page.evaluate("(value) => sayBytes(value)", value) == say_bytes(value)
        assert page.evaluate("(value) => sayCompact(value)", value) == say_compact(value)


@pytest.mark.parametrize("width", [360, 1440])
def test_the_large_chart_fits(page, width):
    """It is no wider than the screen, and its texts stay inside it."""
    page.set_viewport_size({"width": width, "height": 800})
    open_first(page, "server.documents.locks")
    assert page.evaluate("document.getElementById('large').scrollWidth") <= width
    outside = page.evaluate(
        """[...document.querySelectorAll('#large svg text')].filter((text) => {
            const frame = text.closest('.plot').getBoundingClientRect(), box = text.getBoundingClientRect();
            return box.right > frame.right + 2 || box.left < frame.left - 2;
        }).map((text) => text.textContent)"""
    )
    assert outside == []


def test_on_paper_all_cards_are_there(page):
    """What the screen holds back is printed, and what is only for the screen is not."""
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(shown(page)) == METRICS
    assert page.locator("#cards .small svg .reading").count() == METRICS
    assert page.locator("#cards-more").is_hidden()


def test_without_a_script_everything_is_said(browser, address):
    """Cards tell in text, the static charts stand in their place, and nothing pretends to be a button."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert len(shown(page)) == METRICS
    assert page.locator("#metrics noscript svg").count() == 2
    assert page.locator("#cards button").count() == 0
    assert page.locator("#metrics form").is_hidden()
    context.close()
