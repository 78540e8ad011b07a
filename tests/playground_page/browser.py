"""Debian's Chromium, driven by Playwright, looking at one playground with the real Laurel in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# Pages of the browser's own, which every window would load unseen: they cost more than ours. The rest
# is of Playwright's list, which this one takes the place of.
OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "SpareRendererForSitePerProcess",
)
FLAGS = [
    f"--disable-features={','.join(OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, url: str, place: str = "maria/kudos", **how: Any) -> Iterator[Page]:
    """Yield the page as someone at a place (`maria/kudos`), ready to be used."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **how})
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)  # generous: the machine may be busy
        page.goto(f"{url}/#/{place}")
        page.wait_for_selector("body[data-ready]")
        yield page
    finally:
        context.close()
