"""A page of a report, opened in a real browser: whatever it says on the console, or asks for, fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page


@contextmanager
def quiet_page(
    browser: Browser, address: str, color_scheme: Any, width: int = 1280, height: int = 900
) -> Iterator[Page]:
    """Open the page; at the end there must have been no message, error, or request but its own."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=color_scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url != address else None)
    page.goto(address)
    yield page
    context.close()
    assert complaints == []
