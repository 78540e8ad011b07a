from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from bot.artwork import family, milestone_badge, year_badge
from bot.artwork.canvas import OVERSAMPLING, Stencil
from bot.artwork.emblems.seniority import young
from bot.artwork.family import ENAMELS, Design, Emblem
from bot.artwork.milestones import GRADES, grade, milestone_design, year_design
from bot.artwork.starter import BADGES, original

SIZE = 200  # one pixel a unit
YEARS_MARKED = (1, 3, 5, 10, 15, 20, 25, 30, 40)
STARTERS = ("1-year", "3-years", "5-years", "10-years", "15-years", "20-years", "25-years")
# The part of such a picture where numbers and their shadows are.
NUMBER = (48, 77, 152, 142)
WHITE = (255, 255, 255)


def opened(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGBA"
        return picture.copy()


def around_the_number(design: Design) -> bytes:
    picture = family.draw(design, SIZE)
    picture.paste((0, 0, 0, 0), NUMBER)
    return picture.tobytes()


def layers(design: Design) -> list[tuple[str, Image.Image]]:
    emblem = Emblem(SIZE)
    design.emblem(emblem)
    emblem.close()
    return emblem.layers


def touches(one: Image.Image, other: Image.Image) -> bool:
    return (
        ImageChops.darker(one, other).point(lambda value: 255 * (value > 60)).getbbox() is not None
    )


@pytest.mark.parametrize("years", [12, 100])
def test_a_year_badge_is_the_same_picture_each_time(years: int) -> None:
    first = year_badge(years)
    assert opened(first).size == (512, 512)
    year_badge.cache_clear()  # so that it is drawn again
    assert year_badge(years) == first


@pytest.mark.parametrize("slug", STARTERS)
def test_the_starter_badges_are_the_year_badges(slug: str) -> None:
    drawn = opened(year_badge(int(slug.partition("-")[0])))
    with Image.open(BADGES / f"{slug}.png") as committed:
        assert ImageChops.difference(drawn, committed).getbbox(alpha_only=False) is None


def test_a_starter_badge_is_drawn_to_the_bytes_that_are_committed() -> None:
    assert original("20-years") == (BADGES / "20-years.png").read_bytes()


def test_grades_begin_at_the_years_that_people_celebrate() -> None:
    assert tuple(one.years for one in GRADES) == YEARS_MARKED


def test_every_grade_looks_different_from_all_others() -> None:
    looks = {around_the_number(year_design(years)) for years in YEARS_MARKED}
    assert len(looks) == len(YEARS_MARKED)


@pytest.mark.parametrize(
    ("first", "last"), [*((a, b - 1) for a, b in pairwise(YEARS_MARKED[2:])), (40, 99)]
)
def test_between_two_grades_only_the_number_changes(first: int, last: int) -> None:
    assert around_the_number(year_design(first)) == around_the_number(year_design(last))
    one, other = (family.draw(year_design(years), SIZE) for years in (first, last))
    assert ImageChops.difference(one, other).getbbox(alpha_only=False) is not None


@given(st.integers(1, 10_000))
@settings(max_examples=60, deadline=None)
def test_any_number_of_years_has_the_last_grade_that_it_reached(years: int) -> None:
    assert grade(years).years == max(mark for mark in YEARS_MARKED if mark <= years)


@pytest.mark.parametrize("years", [1, 8, 10, 20, 28, 44, 48, 88, 99, 100, 108, 888, 2000])
def test_a_number_is_whole_large_and_clear_of_the_wreath_and_the_jewels(years: int) -> None:
    parts = layers(year_design(years))
    number = next(mask for tone, mask in parts if tone == "light")
    left, top, right, bottom = number.point(lambda value: 255 * (value > 60)).getbbox() or (0,) * 4
    assert bottom - top >= (22 if years > 999 else 30)
    assert right - left >= 14
    assert abs((left + right) / 2 - SIZE / 2) <= 2
    for tone, mask in parts:
        assert tone == "light" or not touches(number, mask)


def test_numbers_stand_out_from_their_enamel() -> None:
    enamels = [one.enamel for one in GRADES] + [milestone_design(30, "days").enamel]
    assert min(family.contrast(WHITE, ENAMELS[enamel].base) for enamel in enamels) >= 3


@pytest.mark.parametrize("years", [0, -1])
def test_there_is_no_badge_for_less_than_a_year_of_years(years: int) -> None:
    with pytest.raises(ValueError, match="one year or more"):
        year_badge(years)


@pytest.mark.parametrize(
    ("amount", "unit", "open_buds"),
    [(30, "days", 1), (90, "days", 3), (6, "months", 6), (11, "months", 11), (18, "months", 12)],
)
def test_a_ring_of_buds_shows_the_months_that_have_passed(
    amount: int, unit: Literal["days", "months"], open_buds: int
) -> None:
    by_tone = dict(layers(milestone_design(amount, unit)))
    one_bud = layers(Design("disc", "mint", "leaf", young(1, 1)))[1][1]
    covered = sum(by_tone["gold"].tobytes()) / sum(one_bud.tobytes())
    assert covered == pytest.approx(open_buds, rel=0.02)


@pytest.mark.parametrize("amount", [1, 30, 90, 100, 180, 365, 1000])
def test_a_number_of_days_is_clear_of_the_buds(amount: int) -> None:
    parts = layers(milestone_design(amount, "days"))
    shoot = next(mask for tone, mask in parts if tone == "light")
    assert not any(touches(shoot, mask) for tone, mask in parts if tone in {"gold", "deep"})


def test_a_milestone_badge_is_the_same_picture_each_time() -> None:
    first = milestone_badge(30, "days")
    assert opened(first).size == (512, 512)
    assert milestone_badge(30, "days") == first


def test_the_young_badges_are_smaller_than_a_year_and_differ_from_each_other() -> None:
    designs = [
        milestone_design(30, "days"),
        milestone_design(90, "days"),
        milestone_design(6, "months"),
        milestone_design(6, "days"),
    ]
    young_ones = [family.draw(design, SIZE) for design in designs]
    assert len({badge.tobytes() for badge in young_ones}) == 4
    year = sum(family.draw(year_design(1), SIZE).getchannel("A").tobytes())
    for badge in young_ones:
        assert sum(badge.getchannel("A").tobytes()) < 0.85 * year


def test_there_is_no_badge_for_no_days() -> None:
    with pytest.raises(ValueError, match="days"):
        milestone_badge(0, "days")


@given(
    st.sampled_from([1, 20, 63, 64, 65, 130]),
    st.lists(st.tuples(st.floats(-130, 130), st.floats(-130, 130)), min_size=3, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_a_stencil_is_the_large_drawing_scaled_down(
    size: int, outline: list[tuple[float, float]]
) -> None:
    large = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING))
    unit = size * OVERSAMPLING / 200
    middle = 100 * unit
    ImageDraw.Draw(large).polygon(
        [(middle + x * unit, middle + y * unit) for x, y in outline], fill=255
    )
    expected = large.resize((size, size), Image.Resampling.LANCZOS)
    assert Stencil(size).fill(outline).mask().tobytes() == expected.tobytes()
