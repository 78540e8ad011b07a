"""Stored pictures opened, and made into small tiles."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


class UnreadablePictureError(ValueError):
    """The bytes are no picture that Pillow reads."""


def opened(original: bytes) -> Image.Image:
    """The first frame of a picture in RGBA; raises UnreadablePictureError."""
    try:
        with Image.open(BytesIO(original)) as picture:
            return picture.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePictureError(f"this is not a picture that can be read: {error}") from error


def squared(original: bytes, size: int) -> Image.Image:
    """The picture in RGBA, whole and centred in a transparent square of `size` pixels."""
    return centred(opened(original), size)


def centred(picture: Image.Image, size: int) -> Image.Image:
    """An RGBA picture, whole and centred in a transparent square of `size` pixels."""
    scale = size / max(picture.size)
    wide, high = (max(1, round(side * scale)) for side in picture.size)
    # Colours are weighted by their opacity, or transparent pixels would darken the edges.
    small = picture.convert("RGBa").resize((wide, high), Image.Resampling.LANCZOS).convert("RGBA")
    if wide == high:
        return small
    square = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    square.paste(small, ((size - wide) // 2, (size - high) // 2))
    return square


def badge_tile(original: bytes, *, size: int = 150) -> bytes:
    """The badge as a PNG of `size` pixels square; raises UnreadablePictureError."""
    png = BytesIO()
    squared(original, size).save(png, "PNG", compress_level=6)
    return png.getvalue()
