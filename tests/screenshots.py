"""Pictures of the playground for the README and the pages about each command.

`make screenshots` writes them to assets/screenshots; they are of the real thing, on a day in March.
"""

import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from bot.play import Playground
from tests.playground_page.browser import CHROMIUM, chromium, window

FOLDER = Path(__file__).parent.parent / "assets" / "screenshots"
DAY = datetime(2026, 3, 12, 10, 20, tzinfo=UTC)
SHARP = 1.5  # pixels a point


def main() -> int:
    """Take all pictures; 1 where there is no browser."""
    if not CHROMIUM.exists():
        sys.stderr.write("There is no Chromium here; on Debian: apt install chromium\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    ahead = DAY - datetime.now(UTC)
    with Playground(clock=lambda: datetime.now(UTC) + ahead) as playground, chromium() as browser:
        for take in (
            _feed,
            _profile,
            _catalogue,
            _form,
            _request_form,
            _inspector,
            _phone,
            _anniversary,
            _home,
            _studio,
            _settings,
        ):
            take(browser, playground.url)
    return 0


def _say(page: Page, text: str) -> None:
    page.locator("#composer-text").fill(text)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def _keep(what: Page | Locator, name: str) -> None:
    page = what.page if isinstance(what, Locator) else what
    page.wait_for_function(
        "[...document.images].every((one) => one.complete || one.loading === 'lazy')"
    )
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    path = FOLDER / f"{name}.png"
    taken = what.screenshot(animations="disabled", caret="hide")
    with Image.open(io.BytesIO(taken)) as image:  # 256 colours are enough, and a third of the size
        image.convert("RGB").quantize(256).save(path, optimize=True)
    sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KB\n")


def _open(browser: Browser, url: str, place: str = "maria/kudos", **how: Any) -> Any:
    return window(browser, url, place, **{"device_scale_factor": SHARP, "bypass_csp": True, **how})


def _alone(page: Page) -> Locator:
    return page.locator("#scroll article.ephemeral").last


def _feed(browser: Browser, url: str) -> None:
    size = {"width": 1280, "height": 880}
    with _open(browser, url, viewport=size) as page:
        page.get_by_role("button", name="Dismiss the tour").click()
        _say(page, "/award @tom ping-pong-champion Great final!")
        expect(page.locator("#scroll article", has_text="Great final!")).to_be_visible()
        _keep(page, "playground")
    with _open(browser, url, color_scheme="dark", viewport=size) as page:
        page.get_by_role("button", name="Dismiss the tour").click()
        _keep(page, "playground-dark")
        _alone(page).get_by_role("button", name="Dismiss message").click()


def _profile(browser: Browser, url: str) -> None:
    with _open(browser, url, "chidi/general", viewport={"width": 940, "height": 1000}) as page:
        _say(page, "/badges @tom")
        expect(_alone(page)).to_contain_text("Tom Becker’s badges")
        _keep(_alone(page), "badges")


def _catalogue(browser: Browser, url: str) -> None:
    with _open(browser, url, "chidi/support", viewport={"width": 940, "height": 1240}) as page:
        page.get_by_role("button", name="Dismiss the tour").click()
        _say(page, "/badges catalog")
        expect(_alone(page)).to_contain_text("Badges to earn")
        _keep(_alone(page), "badges-catalog")


def _form(browser: Browser, url: str) -> None:
    with _open(browser, url, "priya/general", viewport={"width": 940, "height": 960}) as page:
        _say(page, "/award")
        form = page.get_by_role("dialog", name="Award a badge")
        form.get_by_role("combobox", name="Who").click()
        page.keyboard.type("chidi")
        page.keyboard.press("Enter")
        badge = form.get_by_role("combobox", name="Badge")
        badge.click()
        badge.press_sequentially("mentor")
        form.get_by_role("option", name=re.compile("^Mentor")).click()
        expect(form).to_contain_text("In #kudos:")
        reason = form.get_by_role("textbox", name="Reason (optional)")
        reason.fill("Showed me every corner of the Lagos warehouse")
        reason.press("Enter")
        expect(form.locator("blockquote")).to_be_visible()
        _keep(form, "award-form")
        page.keyboard.press("Escape")
        expect(form).to_have_count(0)
        _say(page, "/award help")
        expect(_alone(page)).to_be_visible()
        _keep(_alone(page), "award-help")


def _request_form(browser: Browser, url: str) -> None:
    with _open(browser, url, "chidi/general", viewport={"width": 940, "height": 900}) as page:
        _say(page, "/badges request")
        form = page.get_by_role("dialog", name="Ask for a badge")
        form.get_by_role("combobox", name="Which badge").click()
        page.keyboard.type("customer")
        expect(page.get_by_role("option")).to_have_count(1)
        page.get_by_role("option", name="Customer Hero").click()
        form.get_by_role("combobox", name="Who is it for").click()
        page.keyboard.type("tom")
        page.keyboard.press("Enter")
        why = "Stayed on the phone with a customer until midnight, and rang again the next day."
        form.get_by_role("textbox", name="Why").fill(why)
        page.keyboard.press("Tab")
        _keep(form, "request-form")


def _inspector(browser: Browser, url: str) -> None:
    with _open(browser, url, "maria/support") as page:
        page.get_by_role("button", name="Inspector").click()
        _say(page, "/award @omar team-player Closed the quarter a day early")
        expect(_alone(page)).to_contain_text("Team Player")
        page.get_by_label("Filter").fill("award")
        page.locator(".exchange", has_text="/award").first.locator("summary").click()
        _keep(page, "inspector")


def _phone(browser: Browser, url: str) -> None:
    with _open(browser, url, viewport={"width": 390, "height": 844}) as page:
        page.get_by_role("button", name="Dismiss the tour").click()
        _keep(page, "phone")


def _anniversary(browser: Browser, url: str) -> None:
    with _open(browser, url) as page:
        page.get_by_role("button", name="Dismiss the tour").click()
        page.locator("#clock").click()
        page.get_by_role("button", name="Tomorrow 09:00").click()
        post = page.locator("#scroll article", has_text="celebrates 12 years")
        expect(post).to_be_visible(timeout=30_000)
        page.locator(".toast").wait_for(state="detached", timeout=10_000)
        _keep(post, "anniversary")


def _home(browser: Browser, url: str) -> None:
    with _open(browser, url, "maria/home", viewport={"width": 940, "height": 900}) as page:
        expect(page.locator("#scroll .home img").first).to_be_visible()
        _keep(page, "home")


def _studio(browser: Browser, url: str) -> None:
    with _open(browser, url, "priya/home", viewport={"width": 940, "height": 900}) as page:
        tab = page.locator("#scroll .home")
        tab.get_by_role("button", name="Studio", exact=True).click()
        expect(tab.locator("img").first).to_be_visible()
        tab.get_by_role("button", name="New badge").click()
        form = page.get_by_role("dialog", name="New badge")
        form.get_by_role("radio", name=re.compile("^Put it together")).check()
        symbol = form.get_by_role("textbox", name="Emoji or letters")
        symbol.fill(":rocket:")
        symbol.press("Enter")
        preview = form.get_by_role("img", name=re.compile("^Preview: "))
        expect(preview).to_be_visible()
        preview.scroll_into_view_if_needed()
        _keep(page, "studio")


def _settings(browser: Browser, url: str) -> None:
    with _open(browser, url, "priya/home", viewport={"width": 940, "height": 900}) as page:
        tab = page.locator("#scroll .home")
        tab.get_by_role("button", name="Settings", exact=True).click()
        tab.get_by_role("button", name="Who may do what").click()
        expect(tab).to_contain_text("Awarding oneself")
        _keep(page, "settings")


if __name__ == "__main__":
    sys.exit(main())
