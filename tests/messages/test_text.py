"""Words in Slack's mrkdwn: what people typed formats nothing, and cuts leave everything whole."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import text
from bot.messages.fitting import brief
from storage.badges import BadgeRow
from storage.people import PersonRow


def person(name: str) -> PersonRow:
    return PersonRow(UUID(int=1), "U1", name, None, None, True, False, False, False)


@pytest.mark.parametrize("name", ["*Tom*", "_Tom_", "~Tom~", "`Tom`", "Tom*"])
def test_a_name_within_a_plain_sentence_formats_nothing_once_that_is_shown(name: str) -> None:
    shown = text.escape(f"{text.named(name)} & co. are retired; see `/badges`.")
    formatting = shown.replace("`/badges`", "")
    assert not re.search(r"(?<!\u200b)[*~`_]|[*~`_](?!\u200b)", formatting)
    assert shown.replace("\u200b", "") == f"{name} &amp; co. are retired; see `/badges`."


@pytest.mark.parametrize("name", ["*Tom*", "_Tom_", "~Tom~", "`Tom`", "Tom*"])
def test_a_name_formats_nothing(name: str) -> None:
    for shown in (text.name(person(name)), brief(name, 100)):
        assert name not in shown
        assert shown.replace("\u200b", "") == name


def test_underscores_within_a_word_stay_as_typed() -> None:
    assert text.name(person("tom_okafor")) == "tom_okafor"
    assert brief("Well done :white_check_mark:", 100) == "Well done :white_check_mark:"


@pytest.mark.parametrize("timezone", [None, "", "Mars/Phobos", "../localtime", "/etc/hosts"])
def test_a_date_is_that_of_greenwich_where_nobody_knows_the_timezone(timezone: str | None) -> None:
    reader = person("Ana")._replace(timezone=timezone)

    assert text.date_for(datetime(2026, 11, 21, 23, 59, tzinfo=UTC), reader) == "Nov 21, 2026"


@pytest.mark.parametrize(
    ("image_id", "described"),
    [(None, ", a teal shield with a gold rim and the letters ABC"), ("0" * 64, "")],
)
def test_a_picture_is_described_by_its_design_unless_another_was_uploaded(
    image_id: str | None, described: str
) -> None:
    id_, plain = UUID(int=1), (True, True, None, 0)
    badge = BadgeRow(
        id_, "hero", "flair", False, *plain, id_, "Hero", "Saves", "", "", image_id, "hero"
    )._replace(design="shield teal gold ABC")

    assert text.badge_alt_text(badge) == f"The badge “Hero”{described}"


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("es-LA", "21 nov 2026"),  # Slack's Latin American Spanish
        ("es-ES", "21 nov 2026"),
        ("fr-XX", "21 nov. 2026"),  # a region that nobody knows: the language alone
        ("pt-PT", "21/11/2026"),
        ("xx-XX", "Nov 21, 2026"),
        ("", "Nov 21, 2026"),
    ],
)
def test_a_date_is_in_ones_language_though_the_region_is_unknown(locale: str, shown: str) -> None:
    reader = person("Ana")._replace(locale=locale)

    assert text.date_for(datetime(2026, 11, 21, 12, tzinfo=UTC), reader) == shown


@pytest.mark.parametrize(
    ("mrkdwn", "limit", "shown"),
    [
        ("short", 5, "short"),
        ("one two three", 10, "one two …"),
        ("see <https://acme.example|the very page>", 20, "see …"),
        ("see <@U123> and <@U456>", 22, "see <@U123> and …"),
        ("R&amp;D &amp; more", 9, "R&amp;D …"),
        ("R&amp;D", 5, "R …"),
    ],
)
def test_a_cut_is_between_words_and_outside_of_links_and_entities(
    mrkdwn: str, limit: int, shown: str
) -> None:
    assert text.cut(mrkdwn, limit) == shown


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text("ab &<>*", max_size=12).map(text.escape),
            st.just("<@U0123456789>"),
            st.just("<https://x.example/?a=1&amp;b=2|a link>"),
        ),
        max_size=20,
    ).map("".join),
    st.integers(min_value=2, max_value=120),
)
def test_no_cut_leaves_anything_open(mrkdwn: str, limit: int) -> None:
    kept = text.cut(mrkdwn, limit)

    assert len(kept) <= limit
    assert kept.count("<") == kept.count(">")
    assert all(re.match(r"&(?:amp|lt|gt);", kept[m.start() :]) for m in re.finditer("&", kept))
