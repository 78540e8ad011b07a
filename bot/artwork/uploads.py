"""An uploaded picture made safe: decoded within limits, and drawn anew from its pixels alone.

What is kept is a PNG that we write ourselves, so that nothing of the file but its pixels survives:
no metadata, no second format, no further frames. Beyond that a file is refused that is not what
it says it is. Its name may have no ending, or one of its own format. After its end may stand what
cameras write there (a film, a larger preview); an archive, a PDF or markup anywhere in it is
not a camera's, and a GIF may have nothing after its end.
"""

from __future__ import annotations

import re
import threading
from io import BytesIO
from math import ceil
from typing import Literal, NamedTuple

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from bot.artwork.headers import Header, is_cut_off, kind_of, read_header
from bot.artwork.tiles import centred
from bot.errors import UserFacingError

Fit = Literal["crop", "pad"]
Reason = Literal[
    "empty",
    "too many bytes",
    "a drawing",
    "another type",
    "another name",
    "something hidden",
    "damaged",
    "too many pixels",
    "too much work",
    "too small",
]

MOST_BYTES = 5 * 2**20
MOST_PIXELS = 40_000_000
SMALLEST, ORIGINAL, TILE = 150, 512, 150  # pixels on a side
_MOST_MEMORY = 165_000_000  # bytes for decoding: all of Laurel stays below 300 MB
_MOST_WORK = 600_000_000  # pixels, counted once for each pass over them
_STRIP = 2_000_000  # pixels converted at a time
_ADVICE = "export it as a PNG of 512 pixels square, and upload that."

# One class each, so that no other decoder of Pillow's ever sees what somebody sent.
_DECODERS: dict[str, type[Image.Image]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
}
_ENDINGS = {
    "PNG": {"png", "apng"},
    "JPEG": {"jpg", "jpeg", "jpe", "jfif"},
    "GIF": {"gif"},
    "WebP": {"webp"},
}
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,4})\s*$")
_SVG = re.compile(rb"<(?:[a-z]+:)?svg[\s>]", re.IGNORECASE)
_OTHERS = (
    (0, b"%PDF-", "a PDF"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"PK\3\4", "a ZIP archive"),
    (4, b"ftypheic", "a HEIC photo"),
    (4, b"ftypheix", "a HEIC photo"),
    (4, b"ftypmif1", "a HEIC photo"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a film"),
    (8, b"WAVE", "a sound"),
)
_MARKUP = re.compile(rb"<script[\s>]|<!doctype\s+html|<html[\s>]|<\?php\s", re.IGNORECASE)
_ARCHIVE_END, _ARCHIVE_ENTRY = b"PK\5\6", b"PK\1\2"
_ARCHIVE_TAIL = 66_000  # bytes: where an archive's end is looked for by those who open it

_one_at_a_time = threading.Lock()


class PictureRefusedError(UserFacingError):
    """A picture that is not taken; `reason` is the kind of its sentence, for counting."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class SafePicture(NamedTuple):
    """An upload's pixels as PNG, 512 and 150 pixels square."""

    original: bytes
    tile: bytes


def safe(content: bytes, *, fit: Fit, name: str = "") -> SafePicture:
    """The picture, its middle square ("crop") or whole on a transparent square ("pad").

    `name` is the file's, where it has one. Raises PictureRefusedError with a sentence that says what
    to do. Takes up to two seconds and 165 MB, for one picture at a time: others wait.
    """
    header = _checked(content, name)
    with _one_at_a_time:
        try:
            square = _square(content, header, fit)
        except PictureRefusedError:
            raise
        # A damaged file makes Pillow's decoders raise nearly anything, and all of it means the same.
        except Exception as error:
            raise _damaged(header.kind) from error
    return SafePicture(_png(square), _png(centred(square.convert("RGBA"), TILE)))


def _png(picture: Image.Image) -> bytes:
    png = BytesIO()
    # Higher levels take twice as long for a file a tenth smaller.
    picture.save(png, "PNG", compress_level=4)
    return png.getvalue()


def too_large(size: int) -> PictureRefusedError:
    """Why a file of so many bytes is refused; it need not even be fetched."""
    megabytes = ceil(size / 2**20 * 10) / 10
    return PictureRefusedError(
        "too many bytes", f"That file has {megabytes:g} MB, and I take up to 5: {_ADVICE}"
    )


# -- before anything is decoded -------------------------------------------------------------------


def _checked(content: bytes, name: str) -> Header:
    if not content:
        raise PictureRefusedError("empty", "That file is empty: please choose a picture.")
    if len(content) > MOST_BYTES:
        raise too_large(len(content))
    kind = kind_of(content)
    if kind is None:
        raise _unknown(content, name)
    _check_name(kind, name)
    hidden = _hidden(content)
    if hidden:
        raise PictureRefusedError(
            "something hidden", f"That {kind} has {hidden} hidden in it: open it, {_ADVICE}"
        )
    try:
        header = read_header(content, kind)
    except ValueError as error:
        raise _damaged(kind) from error
    if header.width < 1 or header.height < 1 or is_cut_off(content, kind):
        raise _damaged(kind)
    _check_size(header, header.width, header.height)
    return header


def _check_name(kind: str, name: str) -> None:
    found = _ENDING.search(name)
    if found and found[1].lower() not in _ENDINGS[kind]:
        right = min(_ENDINGS[kind], key=lambda ending: (len(ending), ending != "jpg"))
        raise PictureRefusedError(
            "another name",
            f"That file’s name ends in .{found[1].lower()}, but it is a {kind}: rename it to end in"
            f" .{right}, or export it as a PNG, and upload that.",
        )


def _check_size(header: Header, width: int, height: int) -> None:
    pixels, size = width * height, f"{width:,} × {height:,} pixels"
    if pixels > MOST_PIXELS:
        raise PictureRefusedError(
            "too many pixels",
            f"That picture has {size}, and I open up to 40 million in all: {_ADVICE}",
        )
    if pixels * header.held > _MOST_MEMORY or pixels * header.passes > _MOST_WORK:
        raise PictureRefusedError(
            "too much work", f"A {header.kind} of {size} is more than I can open: {_ADVICE}"
        )
    if min(width, height) < SMALLEST:
        raise PictureRefusedError(
            "too small",
            f"That picture has {size} and would look blurred: please choose one of at least"
            f" {SMALLEST} on each side, best {ORIGINAL}.",
        )


def _hidden(content: bytes) -> str:
    tail = content[-_ARCHIVE_TAIL:]
    if b"%PDF-" in content[:1024]:
        return "a PDF"
    if _ARCHIVE_END in tail and _ARCHIVE_ENTRY in content:
        return "an archive"
    return "a web page or a script" if _MARKUP.search(content) else ""


def _unknown(content: bytes, name: str) -> PictureRefusedError:
    if _SVG.search(content[:4096]) or name.lower().endswith((".svg", ".svgz")):
        return PictureRefusedError(
            "a drawing",
            "I do not take SVG drawings: export it as a PNG of at least 512 pixels, and upload"
            " that.",
        )
    for at, start, name in _OTHERS:
        if content.startswith(start, at):
            return PictureRefusedError(
                "another type",
                f"That is {name}, and I take PNG, JPEG, GIF and WebP: {_ADVICE}",
            )
    return PictureRefusedError(
        "another type",
        "I do not recognise that file as a picture: please choose a PNG, JPEG, GIF or WebP.",
    )


def _damaged(kind: str) -> PictureRefusedError:
    return PictureRefusedError(
        "damaged",
        f"That {kind} is damaged or incomplete: open it in a picture editor, export it as a PNG, and"
        " upload that.",
    )


# -- pixels ---------------------------------------------------------------------------------------


def _square(content: bytes, header: Header, fit: Fit) -> Image.Image:
    """The picture's first frame in sRGB, upright, 512 pixels square, without anything attached."""
    with _DECODERS[header.kind](BytesIO(content)) as picture:  # type: ignore[call-arg]
        # A frame can be larger than its header says.
        _check_size(header, *picture.size)
        turn, profile = _orientation(picture), picture.info.get("icc_profile")
        side = (min if fit == "crop" else max)(picture.size)
        shrink = max(1, side // (2 * ORIGINAL))
        if header.kind == "JPEG":
            wide, high = picture.size
            picture.draft(None, (max(1, wide // shrink), max(1, high // shrink)))
        picture.load()
        small = _smaller(picture, fit)
    upright = _turned(_in_srgb(small, profile), turn)
    if upright.size != (ORIGINAL, ORIGINAL):
        upright = centred(upright, ORIGINAL)
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


def _smaller(picture: Image.Image, fit: Fit) -> Image.Image:
    """The part that is shown, as RGBA or CMYK, at most a few times larger than it will be."""
    wide, high = picture.size
    side = min(wide, high) if fit == "crop" else max(wide, high)
    left, top, right, bottom = 0, 0, wide, high
    if fit == "crop":
        left, top = (wide - side) // 2, (high - side) // 2
        right, bottom = left + side, top + side
    # A very wide picture is made smaller in lower strips, and so by less at a time.
    factor = max(1, min(side // (2 * ORIGINAL), _STRIP // (right - left)))
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
