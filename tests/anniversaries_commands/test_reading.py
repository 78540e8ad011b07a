"""Whatever is typed is read or refused in a sentence; lengths are read as they are written."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadRequestError
from bot.tenure import Choice, Length, Policies
from bot.why import length_named
from commands.anniversaries import ANNIVERSARIES_HELP, Asked, read_text

WORDS = ("anniversaries", "anniversary", "upcoming", "why", "since")
PIECES = ("<@UMARIA|maria>", "<@UTOM>", "5-years", "2019-03-01", "everyone", "feed", "<!channel>")
TYPED = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WORDS), TYPED)
def test_anything_is_read_or_refused_in_a_sentence(word: str, rest: str) -> None:
    refused = ""
    try:
        asked = read_text(word, rest)
        assert asked is not None
        assert asked.choice is None or asked.choice in get_args(Choice)
    except BadRequestError as refusal:
        refused = refusal.sentence
    assert not refused or refused.endswith((".", "`"))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789 -dmyearsthon", max_size=14))
def test_any_words_name_a_length_that_can_be_reckoned_or_are_refused(words: str) -> None:
    refused = ""
    try:
        found = length_named(words, Policies())
        assert found.after(date(2026, 11, 20)).year < 2200
    except BadRequestError as refusal:
        refused = refusal.sentence
    assert not refused or refused.startswith(("Which anniversary? ", "Nobody has been "))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([("d", 9999), ("m", 1200), ("y", 100)]), st.data())
def test_a_length_is_read_in_each_way_it_is_written(
    unit: tuple[str, int], data: st.DataObject
) -> None:
    length = Length.parse(f"{data.draw(st.integers(1, unit[1]))}{unit[0]}")
    for written in (str(length), length.slug, length.words.replace(",", ""), length.slug.upper()):
        assert length_named(written, Policies()) == length


@pytest.mark.parametrize("word", ["", "catalog", "show", "whyever", "sincerely", "<@UMARIA>"])
def test_other_words_are_left_to_others(word: str) -> None:
    assert read_text(word, "5-years") is None


def test_the_help_shows_what_can_be_typed() -> None:
    for usage, _meaning in ANNIVERSARIES_HELP:
        word, _, rest = usage.removeprefix("/badges ").partition(" ")
        assert isinstance(read_text(word, rest.replace("@maria", "<@UMARIA>")), Asked)
