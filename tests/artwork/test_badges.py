from __future__ import annotations

import subprocess
import sys
import tomllib
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.artwork import UnreadablePictureError, badge_tile, family, generated_badge
from bot.artwork.family import ENAMELS, Design
from bot.artwork.initials import initials
from bot.artwork.starter import BADGES, DESIGNS

CATALOG = Path(BADGES).parent / "catalog.toml"
CATEGORIES = {"Seniority", "Contests", "Events", "Culture", "Learning"}
ODD_NAMES = {
    "cyrillic": "Отличник года",
    "greek": "Ευρετήριο αριστείας",
    "chinese": "年度最佳团队",
    "korean": "올해의 우승자",
    "arabic": "جائزة الفريق",
    "hebrew": "שלום עולם",
    "hindi": "देवनागरी पुरस्कार",
    "emoji": "🏆🎉👩‍👩‍👧",
    "empty": "",
    "spaces": "   ",
    "punctuation": "!!! … ---",
    "override": "\u202eabc",
    "long": "W" * 255,
    "wide words": "WWW MMM WWW",
}


def picture(png: bytes) -> Image.Image:
    opened = Image.open(BytesIO(png))
    assert opened.format == "PNG"
    return opened.convert("RGBA")


def catalogue() -> list[dict[str, str]]:
    badges: list[dict[str, str]] = tomllib.loads(CATALOG.read_text("utf-8"))["badge"]
    return badges


def bright_pixels(badge: Image.Image) -> int:
    field = badge.crop((20, 20, 108, 108)).convert("L")
    return field.point(lambda value: 255 * (value > 215)).histogram()[255]


def test_an_empty_field_has_none_of_an_emblems_brightness() -> None:
    for enamel in ENAMELS:
        bare = family.draw(Design("round", enamel, "gold", lambda _layers: None), 128)
        assert bright_pixels(bare) < 100


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
def test_a_generated_badge_shows_something_inside_its_field(name: str) -> None:
    shown = picture(generated_badge(name, seed="round-slate", size=128))
    assert shown.size == (128, 128)
    assert bright_pixels(shown) > 100
    other = picture(generated_badge("another name", seed="round-slate", size=128))
    changed = ImageChops.difference(shown.convert("RGB"), other.convert("RGB"))
    left, top, right, bottom = (
        changed.point(lambda value: 255 * (value > 24)).getbbox() or (64,) * 4
    )
    assert min(left, top, 128 - right, 128 - bottom) >= 20


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ping-Pong Champion", "PPC"),
        ("mentor", "M"),
        ("Отличник года", "ОГ"),
        ("The very best of all", "TVB"),
        ("5 years", "5Y"),
        ("«Ωmega»", "Ω"),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_initials_are_the_first_letters_of_up_to_three_words(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_of_emoji_alone_is_drawn_with_the_first_of_them() -> None:
    two = generated_badge("🦄🎉", seed="party", size=96)
    assert two == generated_badge("🦄", seed="party", size=96)
    assert two != generated_badge("Unicorn Tada", seed="party", size=96)
    assert generated_badge("🦄 Party", seed="x", size=96) == generated_badge(
        "Party", seed="x", size=96
    )


def test_a_generated_badge_is_the_same_each_time_and_keeps_its_look_when_renamed() -> None:
    first = generated_badge("Ping-Pong Champion", seed="ppc", size=96)
    assert generated_badge("Ping-Pong Champion", seed="ppc", size=96) == first
    renamed = picture(generated_badge("Table Tennis Ace", seed="ppc", size=96))
    assert (
        ImageChops.difference(renamed.getchannel("A"), picture(first).getchannel("A")).getbbox()
        is None
    )


def test_seeds_give_badges_of_many_looks() -> None:
    looks = {generated_badge("A", seed=f"badge-{number}", size=32) for number in range(12)}
    assert len(looks) >= 11


def test_a_tile_is_a_small_square_with_a_transparent_ground(badge: bytes) -> None:
    tile = picture(badge_tile(badge))
    assert tile.size == (150, 150)
    assert tile.getpixel((0, 0)) == (0, 0, 0, 0)
    assert tile.getpixel((75, 75))[3] == 255  # type: ignore[index]


def test_a_tile_shows_a_wide_picture_whole() -> None:
    wide = BytesIO()
    Image.new("RGB", (300, 100), (200, 30, 60)).save(wide, "JPEG")
    tile = picture(badge_tile(wide.getvalue()))
    assert tile.size == (150, 150)
    assert tile.getchannel("A").getbbox() == (0, 50, 150, 100)


@pytest.mark.parametrize("broken", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_bytes_that_are_no_picture_are_refused(broken: bytes) -> None:
    with pytest.raises(UnreadablePictureError, match="not a picture"):
        badge_tile(broken)


def test_the_catalogue_and_the_drawn_badges_are_the_same_set() -> None:
    slugs = [badge["slug"] for badge in catalogue()]
    assert len(slugs) == len(set(slugs)) >= 26
    assert set(slugs) == set(DESIGNS)
    files = {path.name for path in BADGES.iterdir()}
    assert files == {f"{slug}{ending}" for slug in slugs for ending in (".png", "-150.png")}


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry["slug"])
def test_every_starter_badge_is_complete(entry: dict[str, str]) -> None:
    assert entry["picture"] == f"badges/{entry['slug']}.png"
    assert entry["category"] in CATEGORIES
    assert entry["kind"] == ("achievement" if entry["category"] == "Learning" else "flair")
    assert entry["visibility"] in {"public", "private"}
    assert entry["description"].endswith(".")
    assert entry["criteria"].endswith(".")
    assert int(entry["color"].removeprefix("#"), 16) <= 0xFFFFFF
    for ending, size in ((".png", 512), ("-150.png", 150)):
        with Image.open(BADGES / f"{entry['slug']}{ending}") as drawn:
            assert drawn.mode == "RGBA"
            assert drawn.size == (size, size)
            assert drawn.getpixel((0, 0)) == (0, 0, 0, 0)


def test_two_starter_badges_are_private() -> None:
    private = {badge["slug"] for badge in catalogue() if badge["visibility"] == "private"}
    assert private == {"founders-circle", "quiet-hero"}


@pytest.mark.parametrize("slug", ["ping-pong-champion", "first-course", "mentor", "newcomer"])
def test_the_committed_badge_is_what_the_script_draws(slug: str) -> None:
    drawn = family.draw(DESIGNS[slug], 512)
    with Image.open(BADGES / f"{slug}.png") as committed:
        assert ImageChops.difference(drawn, committed).getbbox(alpha_only=False) is None


def test_a_badge_field_is_shaded_without_bands() -> None:
    design = Design("round", "indigo", "gold", lambda _layers: None)
    column = family.draw(design, 512).convert("RGB").crop((256, 230, 257, 430)).tobytes()
    shades = [tuple(column[index : index + 3]) for index in range(0, len(column), 3)]
    steps = [max(map(abs, map(int.__sub__, a, b))) for a, b in pairwise(shades)]
    assert len(set(shades)) > 50
    assert max(steps) <= 6


def test_every_enamel_darkens_from_light_to_deep() -> None:
    for enamel in ENAMELS.values():
        assert sum(enamel.light) > sum(enamel.base) > sum(enamel.deep)


def test_importing_the_package_does_not_load_pillow() -> None:
    code = "import sys, bot.artwork; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
