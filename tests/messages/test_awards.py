"""What is said of awards, up to the most that one command can give: fifty people, ten badges."""

import re
from collections.abc import Sequence
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from bot.gifts import Awarded, Given
from bot.messages import award_form, confirmation
from bot.messages.awards import Post, Told, direct_message, feed_post
from bot.messages.fitting import MOST_CHARACTERS, characters
from bot.orders import Order
from bot.playground.rules import check_message, check_view
from bot.settings import Settings
from storage.badges import BadgeRow
from storage.people import PersonRow

NAMES = ("Maria Silva", "&" * 80)
TITLES = ("Ping-Pong Champion", "&" * 250)


def person(number: int, name: str = "Maria Silva") -> PersonRow:
    return PersonRow(
        UUID(int=number), f"U{number:010d}", name, None, None, True, False, False, False
    )


def badge(number: int, name: str = "Team Player", description: str = "For those") -> BadgeRow:
    return BadgeRow(
        id=UUID(int=1000 + number),
        slug=f"badge-{number}",
        kind="flair",
        private=False,
        active=True,
        feed=True,
        awarders=None,
        position=number,
        version_id=UUID(int=2000 + number),
        name=f"{name} {number}",
        description=description,
        criteria="",
        category="",
        image_id=None,
        name_key="",
    )


def card(_badge: BadgeRow) -> dict[str, Any]:
    return {"slack_file": {"id": "F0123456789"}}


def everything(name: str, title: str, description: str = "&" * 2000) -> list[Told]:
    badges = [badge(number, title, description) for number in range(10)]
    return [
        Told(person(one, name), each, f"A-{one:03d}{each.position:04d}")
        for one, each in product(range(50), badges)
    ]


def assert_slack_takes(post: Post) -> None:
    for blocks in (post.blocks, post.plain_blocks):
        payload = {"channel": "C1", "text": post.text, "blocks": blocks}
        assert check_message(payload, surface="message", editing=True) is None
        assert characters(list(blocks)) <= MOST_CHARACTERS


def words(blocks: Sequence[dict[str, Any]]) -> str:
    return "\n".join(block["text"]["text"] for block in blocks if "text" in block)


@pytest.mark.parametrize("revoked", [0, 1, 250, 500])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", TITLES)
def test_the_biggest_post_is_one_that_slack_takes_and_edits(
    name: str, title: str, revoked: int
) -> None:
    told = [
        _revoked(one) if place < revoked else one
        for place, one in enumerate(everything(name, title))
    ]

    post = feed_post(
        told, giver=person(99, name), reason="&" * 500, evidence_url="https://x/y", card=card
    )

    assert_slack_takes(post)
    standing = {f"<@{one.recipient.slack_id}>" for one in told if not one.revoked}
    assert standing <= set(re.findall(r"<@\w+>", words(post.blocks)))
    assert not words(post.blocks).endswith("…")
    assert ("revoked" in words(post.blocks)) is bool(revoked)


def test_nobody_is_lost_where_everyone_received_something_else() -> None:
    badges = [badge(number, "A badge with quite a long and serious name") for number in range(30)]
    told = [
        Told(person(one), badges[(one + step) % 30], "A") for one in range(50) for step in range(3)
    ]

    post = feed_post(told, giver=person(99), reason="", card=card)

    assert_slack_takes(post)
    assert len(set(re.findall(r"<@\w+>", words(post.blocks)))) == 50


def test_long_names_stay_whole_where_there_is_room() -> None:
    names = [badge(number, "A badge with a name of some forty letters") for number in range(10)]
    told = [Told(person(one), each, "A") for one in range(50) for each in names]

    post = feed_post(told, giver=person(99), reason="Thanks", card=card)

    assert all(f"*{each.name}*" in words(post.blocks) for each in names)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("private", [False, True])
def test_the_biggest_direct_message_names_every_badge(title: str, private: bool) -> None:
    told = [one for one in everything("Maria", title) if one.recipient == person(1, "Maria")]

    post = direct_message(
        told, giver=person(99, "&" * 80), reason="&" * 500, private=private, card=card
    )

    assert_slack_takes(post)
    assert words(post.blocks).count("*") == 20


def test_alternative_texts_are_brief() -> None:
    post = feed_post(everything("Maria", "Badge"), giver=None, reason="", card=card)

    pictures = [block for block in post.blocks if block["type"] == "image"]
    assert len(pictures) == 5
    assert all(len(picture["alt_text"]) <= 150 for picture in pictures)


@pytest.mark.parametrize("held", [1, 2, 7])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", TITLES)
def test_the_biggest_confirmation_has_every_id(name: str, title: str, held: int) -> None:
    given = tuple(
        Given(one.recipient, one.badge, "held" if place % held else "awarded", one.code)
        for place, one in enumerate(everything(name, title))
    )

    message = confirmation.awarded(
        Awarded(given, UUID(int=7), ("kudos",)),
        refused=["Gil Gone’s account isn’t active here."] * 50,
        private=False,
        quiet=False,
    )

    payload = {"text": message.text, "blocks": message.blocks}
    assert check_message(payload, surface="ephemeral") is None
    assert check_view(award_form.done(message)) is None
    said = words(message.blocks)
    assert all(one.code in said for one in given if one.outcome == "awarded")
    assert "And 40 more can’t be awarded." in said
    assert len(message.text) <= 3000


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", TITLES)
def test_the_biggest_undo_is_told_whole(name: str, title: str) -> None:
    message = confirmation.undone([(one.recipient, one.badge) for one in everything(name, title)])

    payload = {"text": message.text, "blocks": message.blocks}
    assert check_message(payload, surface="ephemeral") is None
    assert not words(message.blocks).endswith("…")


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", TITLES)
def test_the_biggest_preview_is_one_that_slack_takes(name: str, title: str, private: bool) -> None:
    opening = award_form.Opening(evidence_url="https://acme.slack.com/" + "x" * 200).with_people(
        f"U{number:010d}" for number in range(300)
    )
    filled = award_form.Filled(opening.people, (), "&" * 500, private, quiet=False)

    shown = award_form.preview(
        filled,
        giver=person(99, name),
        recipients=[person(number, name) for number in range(50)],
        badges=[badge(number, title) for number in range(10)],
        settings=Settings(feed_channel="kudos"),
    )

    assert check_view(award_form.form(opening, shown)) is None


def test_a_preview_has_no_loose_ends() -> None:
    filled = award_form.Filled(("U1",), (), "Thanks", private=False, quiet=False)

    shown = award_form.preview(
        filled,
        giver=person(9, "Tom"),
        recipients=[person(1)],
        badges=[badge(1)],
        settings=Settings(feed_channel="C0KUDOS"),
    )

    assert shown[0]["elements"][0]["text"] == "In <#C0KUDOS>:"
    assert shown[-1]["elements"][0]["text"] == "From Tom"


@pytest.mark.parametrize("revoked", [False, True])
def test_what_was_revoked_is_told_without_its_reason_its_link_and_its_picture(
    revoked: bool,
) -> None:
    told = [Told(person(1), badge(1), "A-0000001", revoked=revoked)]
    said: dict[str, Any] = {"giver": person(2), "reason": "Great", "evidence_url": "https://acme"}

    for post in (
        feed_post(told, **said, card=card),
        direct_message(told, **said, private=False, card=card),
    ):
        kept = [part in str(post.blocks) for part in ("Great", "https://acme", "slack_file")]
        assert kept == [not revoked] * 3
        assert ("revoked" in words(post.blocks)) is revoked


def test_a_name_cannot_end_the_striking_out() -> None:
    told = [Told(person(1, "Tom~"), badge(1), "A-0000001", revoked=True)]

    post = feed_post(told, giver=person(2), reason="", card=card)

    assert "~Tom\u200b~\u200b received Team Player 1~ (revoked)" in words(post.blocks)


def test_names_from_right_to_left_leave_a_struck_out_line_in_its_order() -> None:
    told = [
        Told(person(number, name), badge(1, "نجم"), "A-0000001", revoked=True)
        for number, name in enumerate(("عمر حدّاد", "Tom"))
    ]

    post = feed_post(told, giver=person(2), reason="", card=card)

    line = "~\u2068عمر حدّاد\u2069 and Tom received \u2068نجم 1\u2069~ (revoked)"
    assert words(post.blocks) == line


def test_what_is_held_already_stays_as_it_is_beside_what_was_awarded() -> None:
    yuki, tom = person(1, "Yuki"), person(2, "Tom")
    first, second, third = (badge(number, "Course") for number in (1, 2, 3))
    given = (
        Given(yuki, first, "awarded", "A-0000001"),
        Given(yuki, second, "held", ""),
        Given(tom, second, "held", ""),
        Given(tom, third, "held", ""),
    )

    message = confirmation.awarded(
        Awarded(given, UUID(int=7)), refused=[], private=False, quiet=False
    )

    now, one, several = message.text.splitlines()
    assert now == "Yuki now has *Course 1*."
    assert one == "Yuki already holds *Course 2*, which is held only once, so that stays as it is."
    assert several.startswith(
        "Tom already holds *Course 2* and *Course 3*, which are held only once"
    )
    assert several.endswith(", so those stay as they are.")


def test_what_is_asked_about_keeps_the_message_it_was_given_for() -> None:
    order = Order(
        giver="U1", occasion="view:1", evidence_url="https://acme/p1", evidence_public=True
    )

    again = confirmation.order_again(confirmation.again_value(order), giver="U1")

    assert (again.evidence_url, again.evidence_public) == ("https://acme/p1", True)


def test_what_was_undone_before_is_said_when_slack_repeats_the_command() -> None:
    given = (Given(person(1), badge(1), "undone", "A-0000001"),)

    message = confirmation.awarded(
        Awarded(given, UUID(int=7)),
        refused=[],
        private=False,
        quiet=False,
    )

    assert words(message.blocks) == "You already took that one back."


def _revoked(one: Told) -> Told:
    return Told(one.recipient, one.badge, one.code, person(98), revoked=True)
