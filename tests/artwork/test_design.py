from __future__ import annotations

import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.artwork import drawn_badge
from bot.artwork.cmap import coverage
from bot.artwork.design import (
    ACCENTS,
    BACKGROUNDS,
    EMOJI_FONT,
    SHAPES,
    Design,
    _by_name,
    _names,
    parse_symbol,
)
from bot.artwork.family import ENAMELS, WHITE, contrast


def drawn(text: str, size: int = 128) -> Image.Image:
    return Image.open(BytesIO(drawn_badge(Design.parse(text), size=size))).convert("RGBA")


def problem(text: str) -> str:
    with pytest.raises(ValueError) as refused:
        Design.parse(text)
    return str(refused.value)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(SHAPES),
    st.sampled_from(BACKGROUNDS),
    st.sampled_from(ACCENTS),
    st.sampled_from(["🏆", "QA", "é", "Ж", "C++", ":rocket:", "42", "☕️"]),
)
def test_a_design_is_read_as_it_was_written(
    shape: str, background: str, accent: str, symbol: str
) -> None:
    design = Design.of(shape, background, accent, symbol)

    assert Design.parse(str(design)) == design
    assert Design.parse(f"  {design.shape.upper()} {background} {accent}  {symbol} ") == design


def test_every_shape_and_every_colour_shows() -> None:
    shapes = {drawn(f"{shape} violet gold QA", 48).tobytes() for shape in SHAPES}
    backgrounds = {drawn(f"circle {color} gold QA", 48).tobytes() for color in BACKGROUNDS}
    accents = {drawn(f"circle violet {color} QA", 48).tobytes() for color in ACCENTS}

    assert len(shapes) == len(SHAPES)
    assert len(backgrounds) == len(BACKGROUNDS)
    assert len(accents) == len(ACCENTS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("symbol", ["🏆", "WWW", "💯", "Å"])
def test_the_symbol_shows_and_stays_on_the_field(shape: str, symbol: str) -> None:
    with_symbol, without = drawn(f"{shape} night ink {symbol}"), drawn(f"{shape} night ink .")
    changed = ImageChops.difference(with_symbol.convert("RGB"), without.convert("RGB")).getbbox()

    assert changed is not None
    left, top, right, bottom = changed
    assert min(left, top) > 18
    assert max(right, bottom) < 110
    assert (right - left) * (bottom - top) > 700


def test_white_stands_out_everywhere_on_every_background() -> None:
    strong = [field for name, field in ENAMELS.items() if name.startswith("strong ")]

    assert len(strong) >= len(BACKGROUNDS)
    for field in strong:
        assert contrast(WHITE, field.light) >= 3
        assert contrast(WHITE, field.base) >= 4.5


def test_an_emoji_is_known_by_its_character_and_by_slacks_name() -> None:
    for typed in ("👍", ":+1:", ":thumbsup:", ":+1::skin-tone-4:", "👍🏿", ":THUMBSUP:"):
        assert parse_symbol(typed) == "👍"
    assert parse_symbol("❤️") == parse_symbol(":heart:") == "❤"
    assert parse_symbol(":first_place_medal:") == "🥇"


def test_the_font_draws_every_emoji_that_has_a_name() -> None:
    font = coverage(EMOJI_FONT)

    assert len(_names()) > 1_300
    assert [emoji for emoji in _names() if not font.has(emoji)] == []
    assert set(_by_name().values()) == set(_names())


def test_what_cannot_be_drawn_is_refused_with_what_to_do() -> None:
    assert problem("pentagon violet gold QA") == (
        "“pentagon” is no shape that I have: choose one of circle, ribbon, shield, hexagon,"
        " diamond, rosette, seal, flower."
    )
    assert problem("shield beige gold QA").startswith("“beige” is no background colour that I have")
    assert problem("shield violet neon QA").startswith("“neon” is no colour of a rim that I have")
    assert problem("shield violet gold :partyparrot:") == (
        "I cannot draw :partyparrot:, since I know Slack’s own emoji of a single sign only: please"
        " choose another emoji, or up to three letters."
    )
    for sequence in ("👩‍💻", "🇵🇹", "1️⃣"):
        assert "put together of several emoji" in problem(f"shield violet gold {sequence}")
    assert problem("shield violet gold 賞") == (
        "“賞” is nothing that I can put together: please choose Latin, Greek or Cyrillic letters,"
        " digits, or an emoji. A picture drawn from the name knows more."
    )
    for much in ("ABCD", "🏆🏆", "A🏆"):
        assert "is too much for a badge" in problem(f"shield violet gold {much}")
    assert "is not how a picture is written" in problem("shield violet")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_any_symbol_is_drawn_or_refused_in_a_sentence(typed: str) -> None:
    try:
        said = f"{parse_symbol(typed)}."
        assert parse_symbol(said[:-1]) == said[:-1]
    except ValueError as refused:
        said = str(refused)
    assert said.endswith(".")


def test_a_design_says_what_it_shows() -> None:
    described = Design.parse("hexagon orange ink :trophy:").described

    assert described == "an orange hexagon with an ink rim and the emoji trophy"
    assert Design.parse("seal teal gold QA").described.endswith("and the letters QA")


def test_designs_are_read_without_loading_pillow() -> None:
    code = (
        "import sys; from bot.artwork import Design; Design.parse('seal red gold :tada:');"
        " sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
