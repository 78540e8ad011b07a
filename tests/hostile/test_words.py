"""Whatever people type or are called, nobody is pinged by it and no link leads elsewhere than it says."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.home.reading import open_home
from tests.studio.office import new_badge, open_studio
from tests.world import World

# As somebody types it, and as a request holds it that Slack did not escape.
EVIL = (
    "<!channel> <!everyone|all> <@UYUKI> <@UADA|Tom> <#C0NONE|general> <!subteam^S0ALL|@all>"
    " <https://evil.example|Acme HR> <mailto:a@evil.example|HR> @channel @here"
    " *bold* _x_ ~y~ `z` &lt;!here&gt;"
)
SHORT = "<!here> <@UYUKI> <https://evil.example|HR>"
_MARKED = re.compile(r"<([^<>]*)>")
_TYPED = re.compile(r"@(channel|here|everyone)\b")


def mrkdwn(value: Any) -> Iterator[str]:
    """Every text in what was sent to Slack that Slack reads as mrkdwn."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value["verbatim"] is True, value
        if isinstance(value.get("text"), str) and value.get("type") != "plain_text":
            yield value["text"]
        for name in ("initial_comment",):
            if isinstance(value.get(name), str):
                yield value[name]
        for one in value.values():
            if isinstance(one, dict | list | str):
                yield from mrkdwn(one)
    elif isinstance(value, list):
        for one in value:
            yield from mrkdwn(one)


def sent(world: World) -> list[str]:
    """Everything that Laurel had Slack show, in answers and calls."""
    answers = [one.answer for one in world.engine.traffic.deliveries()]
    calls = [one.request for one in world.engine.traffic.calls()]
    return [text for one in (*answers, *calls) for text in mrkdwn(one)]


@pytest.fixture
def evil(world: World) -> World:
    """A workspace in which everything that can be typed is evil."""
    world.engine.limits.enabled = False
    world.engine.change_user("tom", real_name=EVIL, display_name=SHORT)
    world.settle()
    open_studio(world)
    made = new_badge(
        world,
        name=SHORT,
        slug="evil-one",
        description=EVIL,
        criteria=EVIL,
        category={"text": {"type": "plain_text", "text": SHORT}, "value": f"={SHORT}"},
    )
    assert made.view is not None
    world.engine.close("ada", everything=True)
    return world


def test_nobody_is_pinged_by_what_others_typed_and_no_link_is_made_of_it(evil: World) -> None:
    world = evil
    world.command("ada", "/award", f"@tom evil-one {EVIL}", escape=False)
    world.command("ada", "/award", f"<@UTOM> evil-one {EVIL}", escape=False)
    world.command("ada", "/award", f"<@UTOM> team-player {SHORT}", escape=False)
    world.deliver()
    for who, words in (
        ("maria", "<@UTOM>"), ("tom", ""), ("tom", "history"), ("maria", "catalog"),
        ("maria", "show evil-one"), ("maria", f"show {EVIL}"), ("maria", EVIL),
        ("maria", f"why <@UTOM> {EVIL}"), ("maria", f"since {EVIL}"), ("maria", f"@{EVIL}"),
    ):  # fmt: skip
        world.command(who, "/badges", words, escape=False)
    for words in (EVIL, f"<@UTOM> {EVIL}", f"revoke {EVIL}", f"many {EVIL}"):
        world.command("ada", "/award", words, escape=False)
        if world.view("ada") is not None:
            world.engine.close("ada", everything=True)
    world.command("ada", "/award", "search")
    world.submit("ada", values={"search_recipient": "UTOM"})
    world.engine.close("ada", everything=True)
    for who in ("ada", "tom"):
        open_home(world, who)
    world.engine.drop_file("ada", f"{SHORT}.csv", b"E-Mail;Eintritt\n<!channel>;2020-13-45\n")
    world.settle()

    texts = sent(world)
    assert sum("evil.example" in one for one in texts) > 10, "nothing evil was shown at all"
    ours = {"@UTOM", "@UADA"}  # the recipient of the award, and its giver where they are told
    for text in texts:
        marked = {one.partition("|")[0] for one in _MARKED.findall(text)}
        strange = {
            one
            for one in marked - ours
            if not one.startswith(("!date^", f"#{world.kudos.id}", world.workspace.url))
        }
        assert not strange, text
        assert not _TYPED.search(text), text
