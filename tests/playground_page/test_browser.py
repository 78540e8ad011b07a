"""The playground as people meet it: in a browser, with the real Laurel behind it."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.play import Playground
from bot.playground.page import Offer, create, waiting

from .browser import CHROMIUM, chromium, window
from .conftest import Town

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="there is no Chromium here; on Debian: apt install chromium"
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
Look = Callable[..., Page]
expect.set_options(timeout=20_000)  # generous: the machine may be busy


@pytest.fixture(scope="module")
def playground() -> Iterator[Playground]:
    with Playground() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def look(playground: Playground, browser: Browser) -> Iterator[Look]:
    """Open the page, as whom and where one likes, and with no mistake in its scripts."""
    mistakes: list[str] = []
    with ExitStack() as windows:

        def open_window(place: str = "maria/kudos", **how: Any) -> Page:
            opened: AbstractContextManager[Page] = window(browser, playground.url, place, **how)
            page = windows.enter_context(opened)
            page.on("pageerror", lambda error: mistakes.append(str(error)))
            page.on("console", lambda said: mistakes.append(said.text) if said.type == "error" and "Failed to load" not in said.text else None)  # fmt: skip
            return page

        yield open_window
    playground.engine.weather.clear()  # whatever came of it, the next test begins in the calm
    assert mistakes == []


def say(page: Page, text: str) -> None:
    box = page.locator("#composer-text")
    box.fill(text)
    box.press("Escape")
    box.press("Enter")


def posts(page: Page, *words: str) -> Any:
    """The posts that everybody sees and that have all these words."""
    found = page.locator("#scroll article:not(.ephemeral)")
    for part in words:
        found = found.filter(has_text=part)
    return found


def alone(page: Page) -> Any:
    """The latest message that only this person sees."""
    return page.locator("#scroll article.ephemeral").last


def test_the_guided_start_leads_from_an_award_to_another_day(look: Look) -> None:
    asked: list[str] = []
    page = look()
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Write the command").click()
    expect(page.locator("#composer-text")).to_have_value(re.compile("^/award @tom"))
    page.keyboard.press("Enter")
    expect(posts(page, "Tom Becker received Ping-Pong Champion")).to_be_visible()
    expect(posts(page, "Great final!").locator("img.block-image")).to_be_visible()
    expect(page.locator(".guide .current")).to_have_text(re.compile("Look at a profile"))
    page.get_by_role("button", name="Write the command").click()
    page.keyboard.press("Enter")
    expect(alone(page)).to_contain_text("Tom Becker’s badges")
    expect(alone(page).get_by_alt_text(re.compile("^Trophy case: .*Ping-Pong"))).to_be_visible()
    page.get_by_role("button", name="Travel to tomorrow").click()
    expect(page.locator("#clock")).to_contain_text("09:0")
    expect(posts(page, "Tom Becker celebrates 12 years")).to_be_visible()
    expect(page.locator(".guide")).to_contain_text("That was the tour")
    page.get_by_role("button", name="Close the tour").click()
    expect(page.locator(".guide")).to_have_count(0)
    assert {url.split("/")[2].partition(":")[0] for url in asked} == {"127.0.0.1"}


def test_the_award_form_says_at_the_field_what_is_wrong(look: Look) -> None:
    page = look()
    say(page, "/award")
    form = page.get_by_role("dialog", name="Award a badge")
    form.get_by_role("button", name="Award").click()
    expect(form.locator(".field-error:visible")).to_have_count(2)
    who = form.get_by_role("combobox", name="Who")
    expect(who).to_be_focused()
    who.click()
    page.keyboard.type("maria")
    page.keyboard.press("Enter")
    badge = form.get_by_role("combobox", name="Badge")
    badge.click()
    badge.press_sequentially("team")
    form.get_by_role("option", name=re.compile("Team Player")).click()
    form.get_by_role("button", name="Award").click()
    expect(form.locator(".field-error:visible")).to_have_text(re.compile("yourself"))
    expect(who).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Remove Maria Silva").click()
    who.click()
    page.keyboard.type("chidi")
    page.keyboard.press("Enter")
    expect(form).to_contain_text("In #kudos:")
    reason = form.get_by_role("textbox", name="Reason (optional)")
    reason.fill("Kept calm")
    reason.press("Enter")
    expect(form.locator("blockquote")).to_have_text("Kept calm")
    form.get_by_role("button", name="Award").click()
    expect(form).to_contain_text("Chidi Okafor now has Team Player.")
    form.get_by_role("button", name="Undo").click()
    expect(form).to_contain_text("Undone")
    form.get_by_role("button", name="Close").last.click()
    expect(form).to_have_count(0)
    expect(page.locator("#composer-text")).to_be_focused()


def test_undo_takes_the_post_out_of_everyones_sight(look: Look) -> None:
    maria, tom = look(), look("tom/kudos")
    say(maria, "/award @mei chess-champion In eleven moves")
    expect(posts(tom, "In eleven moves")).to_have_count(1)
    alone(maria).get_by_role("button", name="Undo").click()
    expect(posts(tom, "In eleven moves")).to_have_count(0)
    expect(posts(maria, "In eleven moves")).to_have_count(0)
    expect(alone(maria)).to_contain_text("Undone")


def test_a_recipient_hears_of_it_in_another_window(look: Look) -> None:
    sam, maria = look("sam/general"), look("maria/general")
    say(maria, "/award @sam coffee-buddy For the first flat white")
    unread = sam.locator("#side section", has_text="Apps").locator(".place.unread")
    expect(unread).to_be_visible()
    unread.click()
    expect(posts(sam, "gave you", "For the first flat white")).to_be_visible()


def test_a_message_becomes_the_reason_of_an_award(look: Look) -> None:
    page = look("maria/support")
    message = posts(page, "Wonderful news")
    message.hover()
    message.get_by_role("button", name=re.compile("^More actions")).click()
    page.get_by_role("menuitem", name="Award a badge for this").click()
    form = page.get_by_role("dialog", name="Award a badge")
    expect(form.locator(".picked")).to_have_text("عمر حدّاد")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)


def test_nothing_is_lost_in_bad_weather(look: Look, playground: Playground) -> None:
    page = look()
    page.get_by_role("button", name="Weather: Calm").click()
    page.get_by_role("radio", name=re.compile("Server errors")).click()
    expect(page.get_by_role("button", name="Weather: Server errors")).to_be_visible()
    say(page, "/award @elena bug-hunter Through the storm")
    expect(alone(page)).to_contain_text("now has Bug Hunter")
    page.get_by_role("button", name="Weather: Server errors").click()
    page.get_by_role("radio", name=re.compile("Calm")).click()
    page.locator("#clock").click()
    page.get_by_role("button", name="In 1 hour").click()
    expect(posts(page, "Through the storm")).to_have_count(1)


def test_a_phone_shows_all_of_it_in_its_width(look: Look) -> None:
    page = look(**PHONE)
    say(page, "/badges @tom")
    expect(alone(page)).to_contain_text("Tom Becker’s badges")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    side = page.locator("#side")
    expect(side).not_to_be_visible()
    page.get_by_role("button", name="Channels and people").click()
    side.get_by_role("link", name="general").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("general")
    expect(side).not_to_be_visible()
    page.get_by_role("button", name="Inspector").click()
    expect(page.get_by_role("region", name="Requests")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_hands_never_leave_the_keyboard(look: Look, playground: Playground) -> None:
    page = look("maria/general")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("/bad")
    expect(page.locator(".completion").get_by_role("option", name="/badges")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("@so")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(".completion")).not_to_be_visible()
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("tom")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(alone(page)).to_contain_text("Tom Becker’s badges")
    page.keyboard.press("F6")
    expect(page.locator("#clock")).to_be_focused()
    playground.engine.post("tom", "kudos", "Coffee, anyone?")
    expect(page.locator("#side .unread", has_text="kudos")).to_be_visible()
    expect(page.locator("#clock")).to_be_focused()
    page.keyboard.press("F6")
    side = page.locator("#side a[aria-current]")
    expect(side).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("kudos")
    page.locator("#who").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_have_attribute("aria-label", re.compile("You are Tom Becker"))
    page.locator("#clock").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#clock")).to_be_focused()


def test_an_hr_file_is_handed_over_without_a_mouse(look: Look) -> None:
    page = look("priya/general")
    attach = page.get_by_role("button", name="Attach a file")
    expect(attach).not_to_be_visible()
    page.locator("#side section", has_text="Apps").get_by_role("link").last.press("Enter")
    expect(attach).to_be_visible()
    with page.expect_file_chooser() as choosing:
        attach.press("Enter")
    rows = b"Email,Start date\nmaria@alderbrook.example,2019-05-06\n"
    choosing.value.set_files({"name": "hired.csv", "mimeType": "text/csv", "buffer": rows})
    expect(page.locator("#composer .attached")).to_contain_text("hired.csv")
    expect(page.locator("#composer-text")).to_be_focused()
    page.keyboard.type("Corrected")
    page.keyboard.press("Enter")
    expect(page.locator("#composer .attached")).not_to_be_visible()
    handed = posts(page, "hired.csv", "Corrected")
    handed.get_by_role("button", name="1 reply").press("Enter")
    answer = page.get_by_role("region", name="Thread")
    expect(answer).to_contain_text("Maria Silva")
    answer.get_by_role("button", name="Discard").press("Enter")
    expect(answer).to_contain_text("nothing of")
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Thread")).not_to_be_visible()


def test_focus_stays_in_the_form_until_escape(look: Look) -> None:
    page = look("maria/general")
    say(page, "/award")
    form = page.get_by_role("dialog", name="Award a badge")
    expect(form.get_by_role("combobox", name="Who")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")  # fmt: skip
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(page.locator("#composer-text")).to_be_focused()


def test_a_form_opens_at_its_field_and_not_at_what_takes_somebody_out(look: Look) -> None:
    page = look("maria/general")
    say(page, "/award @tom")
    form = page.get_by_role("dialog", name="Award a badge")
    expect(form.get_by_role("button", name="Remove Tom Becker")).to_be_visible()
    expect(form.get_by_role("combobox", name="Who")).to_be_focused()
    page.keyboard.press("Escape")


def test_a_menu_leaves_a_phone_room_for_the_words_beside_it(look: Look) -> None:
    page = look("priya/home", **PHONE)
    page.get_by_role("button", name="Settings", exact=True).click()
    words = page.locator(".section-words", has_text="When I forget them")
    expect(words).to_be_visible()
    box = words.bounding_box()
    assert box is not None
    assert box["width"] > 250
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_deactivated_person_has_nothing_to_see(look: Look) -> None:
    page = look("jonas/general")
    expect(page.locator("#scroll")).to_contain_text("Jonas Lindqvist is deactivated")
    expect(page.locator("#composer-text")).not_to_be_visible()
    page.locator("#who").click()
    page.get_by_role("button", name=re.compile("^Maria Silva")).click()
    expect(page.locator("#composer-text")).to_be_visible()


def test_the_inspector_tells_what_was_said(look: Look) -> None:
    page = look("maria/general")
    page.get_by_role("button", name="Inspector").click()
    say(page, "/badges help")
    page.get_by_label("Filter").fill("/badges")
    expect(alone(page)).to_contain_text("/badges history")
    page.locator(".exchange", has_text="/badges").first.locator("summary").click()
    entry = page.locator(".exchange[open]")
    expect(entry.locator(".json").first).to_contain_text('"command": "/badges"')
    expect(entry.locator(".ms")).to_have_text(re.compile(r"^[\d.]+ ms$"))


DRAWN = """async ([part, value]) => {
  const { drawBlock } = await import("/static/js/blocks.js");
  const { mrkdwn } = await import("/static/js/mrkdwn.js");
  const box = document.createElement("div");
  if (part === "block") box.append(drawBlock(value, { surface: "message", entered: () => null }));
  else box.append(...mrkdwn(value));
  return box.innerHTML;
}"""


def test_a_block_that_cannot_be_drawn_is_shown_as_such(look: Look) -> None:
    page = look("maria/general")
    for block in (
        {"type": "hologram", "text": "hi"},
        {"type": "constructor"},
        {"type": "actions", "elements": [{"type": "lever"}]},
    ):
        assert "Cannot draw the" in page.evaluate(DRAWN, ["block", block])


WRITTEN = {
    "*bold* _it_ ~no~ `a*b*c`": "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*c</code>",
    "\u200b*\u200bas typed\u200b*\u200b": "\u200b*\u200bas typed\u200b*\u200b",
    "snake_case_name 2*3*4": "snake_case_name 2*3*4",
    "&lt;img src=x onerror=alert(1)&gt;": "&lt;img src=x onerror=alert(1)&gt;",
    "<img src=x onerror=alert(1)>": "img src=x onerror=alert(1)",
    "<javascript:alert(1)|click>": "click",
    "&gt; said\nthen": "<blockquote>said</blockquote>then",
    ":tada: :no_such:": "🎉 :no_such:",
    "<!channel>": '<span class="chip loud">@channel</span>',
}


def test_what_people_write_is_set_and_is_never_markup(look: Look) -> None:
    page = look("maria/general")
    assert {text: page.evaluate(DRAWN, ["words", text]) for text in WRITTEN} == WRITTEN


def serious_in(page: Page) -> list[Any]:
    """What an accessibility check finds wrong, as far as it keeps people out."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in axe.run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_the_page_comes_by_itself_to_whoever_was_early(town: Town, browser: Browser) -> None:
    town.engine.mount(waiting("Laurel", fonts={}))
    bare_town = create(town.engine, Offer(act_as="maria", channel="general"))
    with (
        browser.new_context(bypass_csp=True) as context,
        browser.new_context(java_script_enabled=False) as unscripted,
    ):
        pages = [one.new_page() for one in (context, unscripted)]
        for page, address in zip(pages, ("/#/tom/general", "/"), strict=True):
            page.goto(f"{town.engine.url}{address}")
            expect(page.get_by_role("heading", name="Laurel is getting ready…")).to_be_visible()
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            pages[0].emulate_media(color_scheme=scheme)
            assert serious_in(pages[0]) == []
        town.engine.mount(bare_town)
        expect(pages[0].locator("body[data-ready] #who")).to_contain_text("Tom")
        expect(pages[1].locator("noscript p")).to_be_in_viewport()
        assert "needs JavaScript" in pages[1].locator("noscript p").inner_text()


@pytest.mark.parametrize(("scheme", "how"), [("light", {}), ("dark", PHONE)], ids=["desk", "phone"])
def test_an_accessibility_check_finds_nothing_serious(look: Look, scheme: str, how: Any) -> None:
    def check(page: Page, where: str) -> None:
        assert serious_in(page) == [], where

    page = look(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce", **how)
    say(page, "/badges @tom")
    expect(alone(page)).to_contain_text("Tom Becker’s badges")
    say(page, f"/award @tom team-player Thanks, in the {scheme}!")
    expect(posts(page, f"in the {scheme}!").locator("a.chip")).to_be_visible()
    check(page, "profile and post")
    page.get_by_role("button", name="Inspector").click()
    page.locator(".exchange summary").first.click()
    check(page, "inspector")
    page.get_by_role("button", name="Close inspector").click()
    page.locator("#who").click()
    check(page, "people")
    page.keyboard.press("Escape")
    say(page, "/award")
    form = page.get_by_role("dialog", name="Award a badge")
    form.get_by_role("button", name="Award").click()
    expect(form.locator(".field-error:visible")).to_have_count(2)
    check(page, "form")
