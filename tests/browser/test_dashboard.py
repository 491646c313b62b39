"""The dashboard, driven in a real Chromium."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.server.chatter import RawClient
from tests.server.running import running

pytestmark = pytest.mark.browser

TOKEN = "let me in"
SHOTS = os.environ.get("DASHBOARD_SHOTS")


@pytest.fixture(scope="module")
def server():
    options = ["--clock-speed", "60", "--alert-bound", "document_locks=2"]
    with running(*options, env=os.environ | {"COLLAB_INTERNAL_TOKEN": TOKEN}) as server:
        yield server


@pytest.fixture
def open_page(browser, server):
    """Open the dashboard in a context of its own; afterwards, only expected console errors may have been written."""
    opened = []

    def open_page(width=1100, url=server.url, expected="no error", **options):
        page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
        complaints, foreign = [], []

        def listen(message):
            if message.type == "error" and expected not in message.text:
                complaints.append(message.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: foreign.append(request.url) if url not in request.url else None)
        opened.append((page, complaints, foreign))
        page.goto(f"{url}/dashboard")
        return page

    yield open_page
    for page, complaints, foreign in opened:
        page.context.close()
        assert complaints == []
        assert foreign == []


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def lock(client, count):
    for number in range(count):
        client.call("lock_document", {"document_id": f"d{number}", "user_id": "ann", "duration": 3_600_000})


@pytest.mark.parametrize("chart", ["Resident (RSS)", "Its own (USS)", "Machine", "document_locks"])
def test_charts_grow_while_the_page_is_open(open_page, chart):
    """Each chart gains points while one looks, without a reload: by the second, or by the server's minute."""
    page = open_page()
    expect(page.locator("#connection")).to_have_text("Live")
    line = page.locator(f"figure[data-chart='{chart}'] path.line")
    expect(line).to_have_attribute("d", re.compile("L"))
    before = line.get_attribute("d").count("L")
    expect(line).to_have_attribute("d", re.compile(f"(L[^L]*){{{before + 1}}}"), timeout=15_000)
    shoot(page, "light")


def test_an_alert_is_raised_and_cleared(open_page, server):
    """A registry above its bound shows as an alert, and the alert goes when the registry is below it again."""
    page = open_page()
    expect(page.locator("#connection")).to_have_text("Live")
    with RawClient(server.url) as client:
        lock(client, 4)
        expect(page.locator("#alerts")).to_contain_text("document_locks: 4 entries, above 2 entries", timeout=15_000)
        shoot(page, "alert")
    expect(page.locator("#alerts")).to_contain_text("None now", timeout=15_000)
    expect(page.locator("#alerts")).to_contain_text("document_locks: over; raised 1 time")
    expect(page.locator("#result")).to_contain_text("Alert cleared: document_locks")
    shoot(page, "cleared")
    expect(page.locator("#audit")).to_contain_text("client_disconnected")


def test_from_elsewhere_the_page_asks_for_the_token(open_page):
    """Behind a proxy the page asks for the token, says that a wrong one is wrong, and is live with the right one."""
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    page = open_page(extra_http_headers=forwarded, expected="403 (Forbidden)")
    expect(page.locator("#connection")).to_contain_text("only for loopback, or with the bearer token")
    expect(page.locator("#token")).to_be_focused()
    expect(page.locator("main")).to_be_hidden()
    shoot(page, "token")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#token")).to_be_visible()
    page.locator("#token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_have_text("Live")
    expect(page.locator("#access")).to_be_hidden()
    page.locator("#cleanup").click()
    expect(page.locator("#result")).to_contain_text("Cleaned up:")


def test_a_server_that_comes_back_is_live_again(open_page):
    """When the server goes the page says so, and when it is back the page goes on by itself."""
    with running() as first:
        page = open_page(url=first.url, expected="ERR_CONNECTION_REFUSED")
        expect(page.locator("#connection")).to_have_text("Live")
        first.stop()
    expect(page.locator("#connection")).to_have_text("Connection lost; trying again…")
    with running("--port", first.url.rpartition(":")[2]):
        expect(page.locator("#connection")).to_have_text("Live", timeout=15_000)


def test_a_chart_keeps_a_day_however_long_one_looks(open_page):
    """After four hours of seconds a chart still has the day before, by the minute, and no more points."""
    page = open_page()
    kept = page.evaluate(
        """async () => {
            const { Chart } = await import("/dashboard/chart.js");
            const chart = new Chart(document.createElement("div"), "made");
            for (let minute = 0; minute < 1440; minute++) chart.add(minute * 60_000, 1);
            for (let second = 0; second < 4 * 3600; second++) chart.add(1440 * 60_000 + second * 1000, 2);
            return [chart.points.length, chart.points[0][0], chart.points.at(-1)[0]];
        }"""
    )
    assert kept[0] <= 2_500
    assert kept[1] <= 4 * 3_600_000
    assert kept[2] == (1_440 * 60 + 4 * 3_600 - 1) * 1_000


def test_the_keyboard_alone_does_it_all(open_page):
    """Tab reaches the button and the charts, Enter cleans up, arrows read single values."""
    page = open_page()
    expect(page.locator("#connection")).to_have_text("Live")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#cleanup")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#result")).to_contain_text("Cleaned up:")
    expect(page.locator("#cleanup")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("svg.chart").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("figcaption small").first).to_contain_text("MB")
    expect(page.locator("svg.chart").first).to_have_attribute("aria-label", re.compile(r"Resident.*\d MB"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_needs_no_sideways_scrolling(open_page, scheme):
    """At 360 px nothing sticks out of the page, in either colour scheme."""
    page = open_page(width=360, color_scheme=scheme)
    expect(page.locator("#connection")).to_have_text("Live")
    expect(page.locator("#library dd").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(page, f"narrow-{scheme}")


def test_dark_mode_is_dark_and_readable(open_page):
    """In dark mode the ground is dark and the text stands out from it by 7 to 1 or more."""
    page = open_page(color_scheme="dark")
    expect(page.locator("#connection")).to_have_text("Live")
    ground, ink = (
        luminance(page.evaluate(f"getComputedStyle(document.body).{name}")) for name in ("backgroundColor", "color")
    )
    assert ground < 0.05
    assert (ink + 0.05) / (ground + 0.05) > 7
    shoot(page, "dark")


def luminance(color):
    """Return the relative luminance of ``rgb(r, g, b)`` (WCAG 2)."""
    channels = [int(part) / 255 for part in color.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
