"""Debian's Chromium, driven by Playwright, for the tests that look at a page as a reader would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

#: Nothing here may reach for a network; the switches keep the browser from trying.
SWITCHES: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)
DESK: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}

CHROMIUM: Final = shutil.which("chromium")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium (apt-get install chromium)"
)


@contextmanager
def launched() -> Iterator[Any]:
    """Give a browser. One a module: while it is open no other event loop can run here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Any, path: Path, *, dark: bool = False, **settings: Any) -> Iterator[Any]:
    """Open a file; what it says on the console or asks for from elsewhere is an error."""
    context = browser.new_context(
        viewport=settings.pop("viewport", DESK),
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        offline=True,
        **settings,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith("data:") or request.url.split("#")[0] == path.as_uri()
            else said.append(f"request: {request.url}")
        ),
    )
    try:
        page.goto(path.as_uri())
        yield page
        assert said == [], said
    finally:
        context.close()


def violations(page: Any) -> list[str]:
    """Return what axe-core finds wrong with a page, best practices included."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:3]}" for v in found]
