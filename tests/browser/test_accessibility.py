"""axe-core finds nothing to complain of in any page of ours, light or dark, wide or narrow, or with a chart open."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from soakproof.compare import compare_runs
from soakproof.judge import judge_run
from soakproof.report import write_comparison_page, write_reports
from soakproof.report.trend import write_trend
from soakproof.trend import make_trend
from tests.synthetic_runs import make_run

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a report of a leak and of a bounded run, a comparison, and a trend."""
    out = tmp_path_factory.mktemp("pages")
    base, new = make_run("bounded"), make_run("leak")
    written = {
        name: write_reports(run, judge_run(run), out / name, ["html"])[0]
        for name, run in (("bounded", base), ("leak", new))
    }
    trend = write_trend(make_trend([(f"run-{at}", base) for at in range(4)]), out)[-1]
    return {**written, "comparison": write_comparison_page(compare_runs(base, new), base, new, out), "trend": trend}


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("leak", "light", 1280),
        ("leak", "dark", 360),
        ("bounded", "dark", 1280),
        ("comparison", "dark", 360),
        ("trend", "light", 360),
    ],
)
def test_no_page_breaks_a_rule(browser: Browser, pages: dict[str, Path], name: str, scheme: Scheme, width: int) -> None:
    """Names, roles, contrast, order, landmarks: all that axe-core knows."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(pages[name].as_uri())
    assert violations(page) == []
    page.close()


def test_the_large_chart_breaks_none(browser: Browser, pages: dict[str, Path]) -> None:
    """Likewise with a chart open, and a moment chosen in it."""
    page = browser.new_page(color_scheme="dark")
    page.goto(pages["leak"].as_uri())
    page.locator("#cards button").first.click()
    page.keyboard.press("End")
    assert violations(page) == []
    page.close()


def test_axe_would_have_found_something(browser: Browser, pages: dict[str, Path]) -> None:
    """A field without its label is found, so that silence means something."""
    page = browser.new_page()
    page.goto(pages["leak"].as_uri())
    page.evaluate(
        "document.querySelector('#cards-text').closest('label').replaceWith(document.querySelector('#cards-text'))"
    )
    assert any(each.startswith("label:") for each in violations(page))
    page.close()
