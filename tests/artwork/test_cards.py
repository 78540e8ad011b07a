from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.artwork import badge_card
from bot.artwork.cards import GROUND, dominant_color, readable
from bot.artwork.family import WHITE, contrast

COLORS = st.tuples(*[st.integers(0, 255)] * 3)
WORDS = "For the steady hand in the final. " * 12


def card(badge: bytes, name: str, category: str = "", description: str = "") -> Image.Image:
    png = badge_card(badge, name=name, category=category, description=description)
    return Image.open(BytesIO(png))


@pytest.fixture(scope="module")
def bare(badge: bytes) -> Image.Image:
    """A card without words, to tell words from ground."""
    return card(badge, "")


@pytest.mark.parametrize(
    "name",
    [
        "Mentor",
        "An extraordinarily long badge name that nobody stopped typing " * 4,
        "W" * 255,
        "年度最佳团队协作冠军" * 25,
        "Лучший наставник года",
        "Ευρετήριο Αριστείας",
        "جائزة أفضل فريق في السنة",
        "🏆🎉",
    ],
)
def test_a_card_is_opaque_and_keeps_its_words_beside_the_badge(
    badge: bytes, bare: Image.Image, name: str
) -> None:
    drawn = card(badge, name[:255], "Contests", WORDS)
    assert drawn.mode == "RGB"
    assert drawn.size == (1200, 400)
    difference = ImageChops.difference(drawn, bare)
    words = difference.convert("L").point(lambda value: 255 * (value > 40)).getbbox()
    assert words is not None
    left, top, right, bottom = words
    assert left >= 420
    assert right <= 1160
    assert top >= 12
    assert bottom <= 388


def test_a_card_without_any_words_still_shows_its_badge(bare: Image.Image) -> None:
    assert dominant_color(bare.crop((60, 36, 388, 364)).convert("RGBA")) != GROUND


def test_a_right_to_left_name_ends_at_the_right_margin(badge: bytes, bare: Image.Image) -> None:
    for name, right_aligned in (("שלום", True), ("Mentor", False)):
        difference = ImageChops.difference(card(badge, name), bare).convert("L")
        words = difference.point(lambda value: 255 * (value > 60)).getbbox()
        assert words is not None
        assert (words[2] > 1130) is right_aligned


def test_the_same_badge_gives_the_same_card(badge: bytes) -> None:
    first = badge_card(badge, name="Mentor", category="Culture", description=WORDS)
    assert badge_card(badge, name="Mentor", category="Culture", description=WORDS) == first


def test_a_card_takes_the_accent_that_the_badge_asks_for(badge: bytes) -> None:
    png = badge_card(badge, name="Mentor", category="Culture", description="", color="#d4a017")
    assert Image.open(BytesIO(png)).convert("RGB").getpixel((600, 398)) == (0xD4, 0xA0, 0x17)


def test_a_fully_transparent_picture_has_a_card_too() -> None:
    empty = BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(empty, "PNG")
    assert card(empty.getvalue(), "Mentor").size == (1200, 400)


@settings(max_examples=80, deadline=None)
@given(COLORS)
def test_the_category_is_readable_in_any_accent(color: tuple[int, int, int]) -> None:
    assert contrast(readable(color, GROUND), GROUND) >= 5.5


def test_white_words_stand_out_from_the_lightest_part_of_the_card(bare: Image.Image) -> None:
    background = bare.crop((436, 0, 1200, 390))
    red, green, blue = (max(band.tobytes()) for band in background.split())
    assert contrast(WHITE, (red, green, blue)) >= 7
