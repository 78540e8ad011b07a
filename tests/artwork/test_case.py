from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.artwork import Trophy, TrophyCase, UnreadablePictureError, alt_text, trophy_case_key
from bot.artwork.case import BADGE, GROUND, LABEL, TILE, column_count
from bot.artwork.family import contrast
from bot.artwork.png import Band, assembled, piece


class Original:
    """A stored picture that counts how often it was loaded."""

    def __init__(self, png: bytes) -> None:
        self.png, self.loaded = png, 0

    def __call__(self) -> bytes:
        self.loaded += 1
        return self.png


def trophies(image: bytes | Callable[[], bytes], number: int, count: int = 1) -> list[Trophy]:
    return [Trophy(f"Badge {index}", "key", image, count) for index in range(number)]


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


@pytest.mark.parametrize("number", [0, 1, 2, 5, 7, 24, 30])
def test_a_case_is_a_true_colour_picture_of_few_columns(badge: bytes, number: int) -> None:
    drawn = opened(TrophyCase().draw(trophies(badge, number)))
    assert drawn.mode == "RGB"
    assert drawn.width <= 6 * TILE + 60
    assert drawn.getpixel((0, 0)) == GROUND
    assert len(drawn.getcolors(1 << 24) or []) > 20


@given(st.integers(1, 24))
def test_rows_are_about_equally_full(number: int) -> None:
    columns = column_count(number)
    rows = -(-number // columns)
    assert columns <= 6
    assert rows <= 4
    assert number - (rows - 1) * columns >= 1


def test_an_unchanged_case_is_the_very_same_bytes(badge: bytes) -> None:
    case = TrophyCase()
    first = case.draw(trophies(badge, 3), more=2)
    assert case.draw(trophies(badge, 3), more=2) is first
    assert case.draw(trophies(badge, 3), more=3) != first


def test_a_warm_tile_does_not_load_its_original_again(badge: bytes) -> None:
    case, original = TrophyCase(), Original(badge)
    case.draw([Trophy("Mentor", "key", original, 1)])
    case.draw([Trophy("Mentor", "key", original, 1)], more=4)
    assert original.loaded == 1
    case.draw([Trophy("Mentor", "other picture", original, 1)])
    assert original.loaded == 2


def test_tiles_that_no_longer_fit_the_cache_are_drawn_anew(badge: bytes) -> None:
    case, original = TrophyCase(cache_tiles=1, cache_pictures=1), Original(badge)
    mentor = Trophy("Mentor", "key", original)
    first = case.draw([mentor])
    case.draw([Trophy("Team Player", "key", original)])
    assert case.draw([mentor]) == first
    assert original.loaded == 3


def test_threads_that_draw_the_same_case_get_the_same_bytes(badge: bytes) -> None:
    case, start = TrophyCase(), threading.Barrier(4)

    def draw() -> bytes:
        start.wait(10)
        return case.draw(trophies(badge, 4))

    with ThreadPoolExecutor(4) as pool:
        drawn = [pool.submit(draw) for _ in range(4)]
        assert len({id(one.result(30)) for one in drawn}) == 1


def test_flair_held_several_times_is_marked_at_its_corner_with_the_number(badge: bytes) -> None:
    case = TrophyCase()
    once, thrice, more = (
        opened(case.draw([Trophy("Mentor", "key", badge, count)])) for count in (1, 3, 4)
    )
    changed = ImageChops.difference(once, thrice).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    middle = once.width // 2
    assert middle < left
    assert right <= middle + TILE // 2
    assert top > BADGE // 2
    assert bottom <= 22 + BADGE
    digits = ImageChops.difference(thrice, more).getbbox()
    assert digits is not None
    assert digits[0] > left


def test_what_is_not_shown_is_counted_below(badge: bytes) -> None:
    case = TrophyCase()
    whole, part = opened(case.draw(trophies(badge, 24))), opened(case.draw(trophies(badge, 27)))
    assert part.height > whole.height
    assert case.draw(trophies(badge, 27)) == case.draw(trophies(badge, 24), more=3)
    footer = part.crop((0, whole.height - 20, part.width, part.height))
    assert max(top for _low, top in footer.getextrema()) > 150  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["W" * 255, "word " * 51, "年度最佳" * 60, "جائزة " * 40, "🏆", ""]
)
def test_a_label_stays_under_its_own_badge(badge: bytes, name: str) -> None:
    drawn = opened(TrophyCase().draw([Trophy(name[:255], "key", badge)]))
    ground = Image.new("RGB", drawn.size, GROUND)
    left, _top, right, bottom = ImageChops.difference(drawn, ground).getbbox() or (0, 0, 0, 0)
    middle = drawn.width // 2
    assert middle - TILE // 2 <= left
    assert right <= middle + TILE // 2
    assert bottom <= drawn.height - 12
    label = drawn.crop((0, 22 + BADGE + 6, drawn.width, drawn.height))
    assert (len(label.getcolors(1 << 24) or []) > 1) is bool(name)


def test_labels_stand_out_from_the_ground() -> None:
    assert contrast(LABEL, GROUND) >= 7


def test_a_case_keeps_the_shades_of_its_badges(badge: bytes) -> None:
    drawn = opened(TrophyCase().draw(trophies(badge, 1)))
    middle = drawn.width // 2
    field = drawn.crop((middle - 40, 60, middle + 40, 140))
    assert len(field.getcolors(1 << 24) or []) > 600


def test_an_unreadable_original_is_named_as_such() -> None:
    with pytest.raises(UnreadablePictureError):
        TrophyCase().draw([Trophy("Mentor", "key", b"garbage")])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(*[st.integers(1, 9)] * 3), max_size=3), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_a_picture_from_pieces_is_what_pasting_them_would_make(
    layout: list[list[tuple[int, int, int]]], chance: Random
) -> None:
    whole, bands, top = Image.new("RGB", (64, 30), GROUND), [], 0
    for row in layout:
        left, places, height = 0, [], 1
        for gap, wide, high in row:
            part = Image.frombytes("RGB", (wide, high), chance.randbytes(wide * high * 3))
            part.paste(GROUND, (wide - 1, 0, wide, high))
            left += gap
            whole.paste(part, (left, top))
            places.append((left, piece(part, GROUND)))
            left, height = left + wide, max(height, high)
        bands.append(Band(height, tuple(places)))
        top += height
    drawn = opened(assembled(64, GROUND, bands))
    assert drawn.mode == "RGB"
    assert drawn.tobytes() == whole.crop((0, 0, 64, top)).tobytes()


def test_a_picture_from_pieces_has_a_valid_checksum() -> None:
    dots = Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 90).convert("RGB")
    dots.paste(GROUND, (39, 0, 40, 30))
    part = piece(dots, GROUND)
    png = assembled(90, GROUND, [Band(31, ((1, part), (41, part)))])
    start = png.index(b"IDAT")
    length = int.from_bytes(png[start - 4 : start], "big")
    assert len(zlib.decompress(png[start + 4 : start + 4 + length])) == 31 * (1 + 3 * 90)


def test_a_piece_that_does_not_end_in_ground_is_refused() -> None:
    with pytest.raises(ValueError, match="end in its ground"):
        piece(Image.new("RGB", (3, 3), (1, 2, 3)), GROUND)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=255), st.integers(1, 2_000)), max_size=40),
    st.integers(0, 9_999),
)
def test_the_words_for_a_case_are_complete_and_fit_slack(
    held: list[tuple[str, int]], more: int
) -> None:
    words = alt_text([Trophy(name, "key", b"", count) for name, count in held], more)
    assert 0 < len(words) <= 2_000


def test_the_words_for_a_case_name_badges_counts_and_the_rest() -> None:
    held = [Trophy("Ping-Pong Champion", "a", b"", 3), Trophy("Mentor", "b", b"")]
    assert alt_text(held) == "Trophy case: Ping-Pong Champion ×3, Mentor."
    assert alt_text(held, 1_200) == "Trophy case: Ping-Pong Champion ×3, Mentor, and 1,200 more."
    assert alt_text([]) == "An empty trophy case, ready for its first badge."
    many = [Trophy("x" * 255, "a", b"")] * 26
    assert alt_text(many, 4).endswith(", and 23 more.")


def test_the_key_of_a_case_changes_with_what_it_shows() -> None:
    mentor = Trophy("Mentor", "a", b"")
    keys = {
        trophy_case_key([mentor]),
        trophy_case_key([mentor], 1),
        trophy_case_key([]),
        trophy_case_key([Trophy("Mentor", "a", b"", 2)]),
        trophy_case_key([Trophy("Mentor", "b", b"")]),
        trophy_case_key([Trophy("Tormen", "a", b"")]),
    }
    assert len(keys) == 6
    assert trophy_case_key([Trophy("Mentor", "a", lambda: b"")]) == trophy_case_key([mentor])
