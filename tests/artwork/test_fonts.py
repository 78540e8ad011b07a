from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.artwork.cmap import coverage
from bot.artwork.fonts import BUNDLED, drawable, is_right_to_left, runs
from bot.artwork.lettering import ellipsize, fit, measure, whole, wrap

NAMES = st.text(max_size=255)


@pytest.mark.parametrize("bold", [False, True])
def test_the_bundled_font_covers_latin_greek_and_cyrillic(bold: bool) -> None:
    characters = coverage(BUNDLED[bold])
    letters = "Aaßéőłşž ΑαΩωάϊ АаЯяЁёЇїҐґЂђ 0123456789 ×…–—“”’€"
    assert [letter for letter in letters if not characters.has(letter)] == []


@settings(max_examples=60, deadline=None)
@given(NAMES, st.booleans())
def test_every_character_is_drawn_with_a_font_that_has_it(name: str, bold: bool) -> None:
    for run in runs(drawable(name, bold=bold), bold=bold):
        missing = [c for c in run.text if c.strip() and not coverage(run.font).has(c)]
        assert missing == []


@settings(max_examples=60, deadline=None)
@given(NAMES, st.integers(12, 60), st.integers(60, 700), st.integers(1, 3))
def test_wrapped_lines_stay_within_width_and_number(
    name: str, size: int, width: int, lines: int
) -> None:
    wrapped = wrap(name, size, width, lines)
    assert len(wrapped) <= lines
    assert all(measure(line, size) <= width or len(line) <= 2 for line in wrapped)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="abc дλ中ש", max_size=255), st.integers(120, 500))
def test_a_text_that_fits_is_shown_whole(name: str, width: int) -> None:
    fitted = fit(name, width, (60, 40, 20, 10), lines=3)
    shown = "".join(fitted.lines).replace(" ", "")
    if whole(fitted, name):
        assert shown == drawable(name).replace(" ", "")
    else:
        assert fitted.size == 10


def test_emoji_are_left_out_beside_words_and_spelled_out_alone() -> None:
    assert drawable("Ping-Pong 🏓 Champion 🏆") == "Ping-Pong Champion"
    assert drawable("🏆") == "trophy"


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u202e", "\ufe0f\u200d", "\ud800"])
def test_names_without_anything_to_show_are_empty(nothing: str) -> None:
    assert drawable(nothing) == ""
    assert wrap(nothing, 20, 100, 2) == ()


def test_letters_that_no_font_has_are_spelled_in_latin_ones() -> None:
    assert drawable("𒀀𒁀").isascii() or all(
        coverage(run.font).has(c) for run in runs(drawable("𒀀𒁀")) for c in run.text
    )
    assert drawable("\U0001fbf9\U000e0041x") != ""


def test_right_to_left_text_stands_to_the_right_of_what_follows_it() -> None:
    line = drawable("שלום World")
    if not is_right_to_left(line):
        pytest.skip("this machine spells Hebrew in Latin letters")
    assert [run.text.strip() for run in runs(line)] == ["World", "שלום"]


def test_a_direction_override_in_a_name_has_no_effect() -> None:
    assert drawable("\u202egnop-gnip\u202c") == "gnop-gnip"


def test_an_ellipsis_says_that_something_was_left_out() -> None:
    assert ellipsize("Ping-Pong Champion", 20, 400) == "Ping-Pong Champion"
    short = ellipsize("Ping-Pong Champion", 20, 120)
    assert short.endswith("…")
    assert "Ping-Pong Champion".startswith(short[:-1])


def test_words_are_kept_together_where_they_fit() -> None:
    assert wrap("Ping-Pong Champion", 17, 150, 2, bold=True) == ("Ping-Pong", "Champion")
