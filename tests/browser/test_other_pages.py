"""``comparison.html`` and ``trend.html`` in a real browser: no error, no request, no sideways scroll, named regions."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from soakproof.compare import compare_runs
from soakproof.judge import judge_run
from soakproof.report import write_comparison_page, write_reports
from soakproof.report.trend import write_trend
from soakproof.trend import make_trend
from tests.browser.quiet_pages import quiet_page
from tests.synthetic_runs import make_run

pytestmark = pytest.mark.browser

NAMES = """[...document.querySelectorAll('section, [role=region], nav, [role=search]')].map((each) =>
    each.getAttribute('aria-label') ?? document.getElementById(each.getAttribute('aria-labelledby'))?.textContent)"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a comparison that is worse, a trend in which a leak comes, and a report."""
    out = tmp_path_factory.mktemp("pages")
    base, new = make_run("bounded", seed=9), make_run("leak")
    runs = []
    for at, run in enumerate([base, base, base, new, new, new]):
        header = msgspec.structs.replace(run.header, started_at=f"2026-01-0{at + 1}T00:00:00Z")
        runs.append((f"run-{at}", msgspec.structs.replace(run, header=header)))
    (report,) = write_reports(new, judge_run(new), out, ["html"])
    trend = write_trend(make_trend(runs), out)[-1]
    return {
        "comparison": write_comparison_page(compare_runs(base, new), base, new, out),
        "trend": trend,
        "report": report,
    }


@pytest.mark.parametrize("name", ["comparison", "trend"])
@pytest.mark.parametrize("width", [360, 1440])
def test_a_page_is_quiet_and_fits(browser: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    """Nothing is asked of anybody, nothing complains, and only tables and charts scroll sideways."""
    with quiet_page(browser, pages[name].as_uri(), "dark", width, 800) as page:
        assert page.locator("h1").is_visible()
        assert page.locator("svg").count() >= 1
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", ["comparison", "trend", "report"])
def test_each_region_has_a_name_of_its_own(browser: Browser, pages: dict[str, Path], name: str) -> None:
    """Somebody who goes from region to region by ear is never told the same name twice."""
    page = browser.new_page()
    page.goto(pages[name].as_uri())
    names = page.evaluate(NAMES)
    assert all(names)
    assert len(names) == len(set(names)), names
    page.close()
