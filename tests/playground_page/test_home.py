"""The Home tab of an app, and a page that has lost its playground, in a browser."""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from .browser import CHROMIUM, chromium, window
from .conftest import Town, home

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no Chromium here; on Debian: apt install chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def told(page: Page) -> AbstractContextManager[object]:
    """Wait until the app was told of what is done within."""
    return page.expect_response(lambda answer: answer.request.method == "POST")


def clicks(town: Town) -> list[tuple[str, str]]:
    """Who clicked which button of a Home tab, as the app was told."""
    told = [json.loads(parse_qs(body)["payload"][0]) for body in town.heard if "payload=" in body]
    return [(one["user"]["id"], one["actions"][0]["action_id"]) for one in told]


def test_a_home_tab_is_shown_used_and_changes_before_ones_eyes(
    town: Town, browser: Browser
) -> None:
    with window(browser, town.engine.url, "maria/general") as page:
        page.locator("#side").get_by_role("link", name="Herald").click()
        expect(page.locator("#scroll")).to_contain_text("not published a Home tab for you yet")
        expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
        town.publish("maria", home("Welcome"))
        tab = page.locator("#scroll .home")
        expect(tab.get_by_role("heading", name="Welcome")).to_be_visible()
        expect(tab.locator(".image")).to_contain_text("A trophy case")
        with told(page):
            tab.get_by_role("button", name="Look").click()
        award = tab.get_by_role("button", name="Award")
        award.focus()
        with told(page):
            page.keyboard.press("Enter")
        expect(award).to_be_enabled()
        assert clicks(town) == [(town.maria.id, "look"), (town.maria.id, "go")]
        award.focus()
        town.publish("maria", home("Thank you"))
        expect(tab.get_by_role("heading", name="Thank you")).to_be_visible()
        expect(award).to_be_focused()
        page.get_by_role("tab", name="Messages").click()
        expect(page.locator("#scroll .home")).to_have_count(0)
        page.get_by_role("tab", name="Home").click()
        expect(tab.get_by_role("heading", name="Thank you")).to_be_visible()


def test_a_home_tab_that_looks_the_same_is_still_each_persons_own(
    town: Town, browser: Browser
) -> None:
    for who in ("maria", "tom"):
        town.publish(who, home("Welcome"))
    with window(browser, town.engine.url, "maria/home") as page:
        expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
        page.locator("#who").click()
        page.get_by_role("button", name=re.compile("^Tom Becker")).click()
        expect(page.locator("#who")).to_have_attribute("aria-label", re.compile("Tom Becker"))
        award = page.locator("#scroll").get_by_role("button", name="Award")
        with told(page):
            award.click()
        expect(award).to_be_enabled()
        expect(page.locator(".toast")).to_have_count(0)
        assert clicks(town) == [(town.tom.id, "go")]


def test_a_page_that_cannot_read_says_so_until_it_can(town: Town, browser: Browser) -> None:
    with window(browser, town.engine.url, "maria/general") as page:
        lost = page.get_by_role("alert")
        page.route("**/page/messages*", lambda route: route.abort())
        town.act("tom", "say", channel="general", text="Hello")
        expect(lost).to_contain_text("What you see may be out of date")
        page.unroute("**/page/messages*")
        expect(page.locator("#scroll article")).to_contain_text("Hello")
        expect(lost).to_have_count(0)


def test_a_page_whose_playground_ended_says_so(town: Town, browser: Browser) -> None:
    with window(browser, town.engine.url, "maria/general") as page:
        town.engine.stop()
        expect(page.get_by_role("alert")).to_contain_text("The playground does not answer")
