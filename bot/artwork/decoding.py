"""An upload's pixels: its first frame in sRGB, upright, 512 pixels square, in little memory."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from math import ceil

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from bot.artwork.headers import Kind
from bot.artwork.tiles import centred

_STRIP = 2_000_000  # pixels converted at a time

# One class each, so that no other decoder of Pillow's ever sees what somebody sent.
_DECODERS: dict[Kind, type[Image.Image]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
}


def png(picture: Image.Image) -> bytes:
    """A picture as the file that is kept."""
    file = BytesIO()
    # Higher levels take twice as long for a file a tenth smaller.
    picture.save(file, "PNG", compress_level=4)
    return file.getvalue()


def square(
    content: bytes, kind: Kind, size: int, *, crop: bool, check: Callable[[int, int], None]
) -> Image.Image:
    """The picture as a square of so many pixels, in RGB or RGBA, without anything attached.

    `check` is told the width and height before anything is decoded, and may raise: a frame can be
    larger than its header says. Where the content is damaged, nearly anything is raised.
    """
    with _DECODERS[kind](BytesIO(content)) as picture:  # type: ignore[call-arg]
        check(*picture.size)
        turn, profile = _orientation(picture), picture.info.get("icc_profile")
        side = (min if crop else max)(picture.size)
        shrink = max(1, side // (2 * size))
        if kind == "JPEG":
            wide, high = picture.size
            picture.draft(None, (max(1, wide // shrink), max(1, high // shrink)))
        picture.load()
        small = _smaller(picture, size, crop=crop)
    upright = _turned(_in_srgb(small, profile), turn)
    if upright.size != (size, size):
        upright = centred(upright, size)
    opaque = upright.getchannel("A").getextrema() == (255, 255)
    mode = "RGB" if opaque else "RGBA"
    return Image.frombytes(mode, upright.size, upright.convert(mode).tobytes())


def _orientation(picture: Image.Image) -> int:
    """The orientation that EXIF tells, 1 to 8."""
    try:
        turn = picture.getexif().get(0x0112, 1)
    # Broken EXIF costs only the orientation: the picture itself may be whole.
    except Exception:
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    exif = picture.getexif()
    exif[0x0112] = orientation
    return ImageOps.exif_transpose(picture)


def _smaller(picture: Image.Image, size: int, *, crop: bool) -> Image.Image:
    """The part that is shown, as RGBA or CMYK, at most a few times larger than it will be."""
    wide, high = picture.size
    side = min(wide, high) if crop else max(wide, high)
    left, top, right, bottom = 0, 0, wide, high
    if crop:
        left, top = (wide - side) // 2, (high - side) // 2
        right, bottom = left + side, top + side
    # A very wide picture is made smaller in lower strips, and so by less at a time.
    factor = max(1, min(side // (2 * size), _STRIP // (right - left)))
    if factor == 1:
        return _converted(picture.crop((left, top, right, bottom)))
    # Strip by strip: a second copy of a large picture in another mode would be too much.
    rows = max(factor, _STRIP // (right - left) // factor * factor)
    small: Image.Image | None = None
    for y in range(top, bottom, rows):
        strip = _converted(picture.crop((left, y, right, min(y + rows, bottom))))
        strip = (strip.convert("RGBa") if strip.mode == "RGBA" else strip).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, ceil((bottom - top) / factor)))
        small.paste(strip, (0, (y - top) // factor))
    assert small is not None
    return small.convert("RGBA") if small.mode == "RGBa" else small


def _converted(picture: Image.Image) -> Image.Image:
    """The picture as RGBA, or as it is in CMYK, whose profile is still to be applied."""
    if picture.mode == "CMYK":
        return picture
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: Pillow would cut off, not scale.
        whole = picture.convert("I").point([value >> 8 for value in range(65536)], "L")
        whole.info.clear()
        return whole.convert("RGBA")
    return picture.convert("RGBA")


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """The picture as RGBA in sRGB; without a profile that fits, its colours are taken as such."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    plain = picture if alpha is None else picture.convert("RGB")
    if isinstance(profile, bytes) and profile:
        plain = _with_profile(plain, profile)
    colored = plain.convert("RGBA")
    if alpha is not None:
        colored.putalpha(alpha)
    return colored


def _with_profile(plain: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "GRAY" and plain.mode == "RGB":
            plain = plain.convert("L")
        elif space != plain.mode:
            return plain
        converted = ImageCms.profileToProfile(
            plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return plain  # A profile that cannot be read says nothing of the colours.
    return converted or plain
