from __future__ import annotations

import re
import struct
import time
import zlib
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.artwork.uploads import PictureRefusedError, safe
from tests.artwork.spoiled import blank_png, chunk, encoded, sample, seeds, spoiled

RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)


def opened(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGBA")


def at(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel


def refusal(content: bytes, name: str = "") -> str:
    with pytest.raises(PictureRefusedError) as refused:
        safe(content, fit="crop", name=name)
    return refused.value.sentence


def flag() -> Image.Image:
    """Three upright stripes, 600 × 200: red, green and blue."""
    picture = Image.new("RGB", (600, 200), RED[:3])
    picture.paste(GREEN[:3], (200, 0, 400, 200))
    picture.paste(BLUE[:3], (400, 0, 600, 200))
    return picture


@pytest.mark.parametrize("seed", range(len(seeds())))
def test_every_good_picture_becomes_an_original_and_a_tile(seed: int) -> None:
    picture = safe(seeds()[seed], fit="crop")

    assert opened(picture.original).size == (512, 512)
    assert opened(picture.tile).size == (150, 150)


def test_a_crop_keeps_the_middle_and_padding_keeps_all() -> None:
    middle = opened(safe(encoded(flag(), "PNG"), fit="crop").original)
    whole = opened(safe(encoded(flag(), "PNG"), fit="pad").original)

    assert {at(middle, x, y) for x in (5, 256, 506) for y in (5, 506)} == {GREEN}
    assert [at(whole, x, 256) for x in (20, 256, 490)] == [RED, GREEN, BLUE]
    assert at(whole, 256, 20) == at(whole, 256, 490) == CLEAR


def test_a_picture_lies_as_its_exif_says_and_keeps_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010E] = "taken at home"
    content = encoded(flag(), "JPEG", exif=exif, quality=95, comment=b"a secret")
    picture = safe(content, fit="pad").original

    upright = opened(picture)
    assert [max(range(3), key=at(upright, 256, y).__getitem__) for y in (30, 256, 480)] == [0, 1, 2]
    with Image.open(BytesIO(picture)) as kept:
        assert not kept.info
        assert not kept.getexif()
    assert b"secret" not in picture


def test_colours_of_another_profile_are_converted() -> None:
    # A profile whose red is what sRGB calls green: the order of its primaries is exchanged.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.find(b"rXYZ"), profile.find(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    content = encoded(Image.new("RGB", (160, 160), "red"), "PNG", icc_profile=bytes(profile))

    red_now, green_now, *_ = at(opened(safe(content, fit="crop").original), 256, 256)
    assert red_now < 30
    assert green_now > 225


def test_only_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (160, 160), color) for color in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        more = {"lossless": True} if kind == "WEBP" else {}
        moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **more)
        still = safe(moving, fit="crop").original

        assert at(opened(still), 256, 256) == RED
        with Image.open(BytesIO(still)) as kept:
            assert getattr(kept, "n_frames", 1) == 1


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    grey = Image.new("I;16", (160, 160), 0x8000)

    assert at(opened(safe(encoded(grey, "PNG"), fit="crop").original), 9, 9)[:3] == (128,) * 3


def test_the_same_picture_again_is_the_same_bytes_and_a_kept_one_keeps_its_pixels() -> None:
    once = safe(encoded(sample(mode="RGBA"), "PNG"), fit="pad").original

    assert safe(encoded(sample(mode="RGBA"), "PNG"), fit="pad").original == once
    assert opened(safe(once, fit="crop").original).tobytes() == opened(once).tobytes()


EXPORT = "export it as a PNG of 512 pixels square, and upload that."
REFUSED = {
    "nothing": (b"", "", "That file is empty: please choose a picture."),
    "six megabytes": (
        b"\x89PNG\r\n\x1a\n" + bytes(6 * 2**20),
        "",
        f"That file has 6.1 MB, and I take up to 5: {EXPORT}",
    ),
    "svg": (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "logo.svg",
        "I do not take SVG drawings: export it as a PNG of at least 512 pixels, and upload that.",
    ),
    "pdf": (
        b"%PDF-1.7 ...",
        "",
        f"That is a PDF, and I take PNG, JPEG, GIF and WebP: {EXPORT}",
    ),
    "heic": (
        b"\0\0\0\x18ftypheic" + bytes(20),
        "IMG_1.HEIC",
        f"That is a HEIC photo, and I take PNG, JPEG, GIF and WebP: {EXPORT}",
    ),
    "a letter": (
        b"Dear colleagues",
        "",
        "I do not recognise that file as a picture: please choose a PNG, JPEG, GIF or WebP.",
    ),
    "another ending": (
        encoded(sample(), "JPEG"),
        "party.PNG",
        (
            "That file’s name ends in .png, but it is a JPEG: rename it to end in .jpg, or export"
            " it as a PNG, and upload that."
        ),
    ),
    "an archive behind it": (
        encoded(sample(), "PNG") + b"PK\1\2" + bytes(42) + b"PK\5\6" + bytes(18),
        "",
        f"That PNG has an archive hidden in it: open it, {EXPORT}",
    ),
    "a script in it": (
        encoded(sample(), "JPEG", comment=b"<script>alert(1)</script>"),
        "",
        f"That JPEG has a web page or a script hidden in it: open it, {EXPORT}",
    ),
}


@pytest.mark.parametrize(("content", "name", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_taken_is_refused_with_what_to_do(
    content: bytes, name: str, sentence: str
) -> None:
    assert refusal(content, name) == sentence


def test_a_picture_that_would_look_blurred_is_refused_with_the_reason() -> None:
    assert refusal(encoded(sample(149, 400), "PNG")) == (
        "That picture has 149 × 400 pixels and would look blurred: please choose one of at least"
        " 150 on each side, best 512."
    )


@pytest.mark.parametrize("seed", range(len(seeds())))
def test_a_truncated_file_is_refused_wherever_it_ends(seed: int) -> None:
    content = seeds()[seed]
    for share in (0.02, 0.3, 0.9):
        assert "damaged or incomplete" in refusal(content[: max(20, int(len(content) * share))])
    assert "damaged or incomplete" in refusal(content[:-1])


def test_a_header_of_too_many_pixels_is_refused_before_anything_is_decoded() -> None:
    began = time.process_time()
    png = blank_png(65_000, 1)
    wrong = png[:16] + struct.pack(">LL", 65_000, 65_000) + png[24:]
    png = wrong[:29] + struct.pack(">L", zlib.crc32(wrong[12:29])) + wrong[33:]
    gif = bytearray(encoded(sample(mode="P"), "GIF"))
    gif[6:10] = struct.pack("<HH", 65_000, 65_000)
    webp = bytearray(encoded(sample(mode="RGBA"), "WEBP"))
    webp[24:30] = (16_000).to_bytes(3, "little") * 2

    assert "65,000 × 65,000 pixels, and I open up to 40 million" in refusal(png)
    assert "65,000 × 65,000 pixels, and I open up to 40 million" in refusal(bytes(gif))
    assert "16,001 × 16,001 pixels, and I open up to 40 million" in refusal(bytes(webp))
    assert time.process_time() - began < 2


def test_text_that_unpacks_to_megabytes_is_refused() -> None:
    png = encoded(sample(), "PNG")
    for kind, start in ((b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")):
        bomb = chunk(kind, start + zlib.compress(bytes(20_000_000)))
        assert "damaged" in refusal(png[:33] + bomb + png[33:])


def test_a_photo_with_a_film_behind_it_is_taken_as_phones_make_them() -> None:
    photo = encoded(sample(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(3000)

    assert opened(safe(photo, fit="crop", name="PXL_2026.MP.jpg").original).size == (512, 512)


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=0, max_value=2**32), st.sampled_from(["crop", "pad"]))
def test_no_spoiled_file_does_more_than_be_refused_in_a_sentence(number: int, fit: str) -> None:
    try:
        picture = safe(spoiled(Random(number)), fit=fit)  # type: ignore[arg-type]
    except PictureRefusedError as refused:
        said = refused.sentence
    else:
        said = f"{opened(picture.original).size} and {opened(picture.tile).size}."
    assert said == "(512, 512) and (150, 150)." or re.fullmatch(r"(That|I|A) .+\.", said)
