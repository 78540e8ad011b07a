"""The Studio as a badge admin meets it: in a browser, with the real Laurel behind it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.play import Playground
from tests.studio.office import picture

from .browser import CHROMIUM, chromium, window

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no Chromium here; on Debian: apt install chromium"
)
expect.set_options(timeout=20_000)  # generous: the machine may be busy


@pytest.fixture(scope="module")
def playground() -> Iterator[Playground]:
    with Playground(with_samples=False) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def say(page: Page, text: str) -> Any:
    """Type a command, and the answer that only its author sees."""
    box = page.locator("#composer-text")
    before = page.locator("#scroll article.ephemeral").count()
    box.fill(text)
    box.press("Escape")
    box.press("Enter")
    expect(page.locator("#scroll article.ephemeral")).not_to_have_count(before)
    return page.locator("#scroll article.ephemeral").last


def choose(page: Page, what: str) -> None:
    """Choose in the menu of the only badge on the page."""
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_badge_is_made_awarded_changed_retired_and_brought_back(
    playground: Playground, browser: Browser
) -> None:
    url = playground.url
    with window(browser, url, "priya/home") as priya, window(browser, url) as maria:
        priya.get_by_role("button", name="Studio").click()
        priya.get_by_role("button", name="New badge").click()
        form = priya.get_by_role("dialog")
        form.get_by_role("textbox", name="Name").fill("Soup Hero")
        form.get_by_role("radio", name=re.compile("^Upload one")).check()
        png = {"name": "soup.png", "mimeType": "image/png", "buffer": picture()}
        form.locator("input[type=file]").set_input_files(png)  # type: ignore[arg-type]
        expect(form.locator(".file-input li")).to_contain_text("soup.png")
        form.get_by_role("button", name="Save").click()
        expect(form).to_contain_text("Soup Hero is there. Award it with /award @maria soup-hero.")
        form.get_by_role("button", name="Close").last.click()

        expect(say(maria, "/award @tom soup-hero Ten litres")).to_contain_text("Tom Becker now has")
        post = maria.locator("#scroll article:not(.ephemeral)", has_text="Ten litres")
        expect(post.get_by_role("img", name=re.compile("^The badge “Soup Hero”"))).to_be_visible()

        search = priya.locator("#scroll").get_by_role("textbox", name="Search")
        search.fill("soup")
        search.press("Enter")
        expect(priya.get_by_role("button", name="More actions")).to_have_count(1)
        priya.get_by_role("button", name="Edit Soup Hero").click()
        form.get_by_role("textbox", name="Name").fill("Soup Legend")
        form.get_by_role("radio", name=re.compile("^Put it together")).check()
        symbol = form.get_by_role("textbox", name="Emoji or letters")
        symbol.fill(":stew:")
        symbol.press("Enter")
        expect(form.get_by_role("img", name=re.compile("^Preview: .*stew"))).to_be_visible()
        form.get_by_role("button", name="Save").click()
        expect(form).to_contain_text("Soup Legend is saved.")
        form.get_by_role("button", name="Close").last.click()
        expect(priya.locator("#scroll")).to_contain_text("Awarded 1 time · 1 holder")

        held = say(maria, "/badges @tom")
        expect(held).to_contain_text("Soup Hero")
        expect(held).not_to_contain_text("Soup Legend")

        choose(priya, "Retire")
        expect(priya.locator("#scroll")).to_contain_text("Soup Legend · Retired")
        refused = say(maria, "/award @mei soup-hero Five litres")
        expect(refused).to_contain_text("Soup Legend is retired, so it can’t be awarded any more.")
        choose(priya, "Bring back")
        expect(priya.locator("#scroll")).not_to_contain_text("Soup Legend · Retired")
        expect(say(maria, "/award @mei soup-hero Six litres")).to_contain_text(
            "now has Soup Legend"
        )
