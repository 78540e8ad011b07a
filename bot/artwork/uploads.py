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
from math import ceil
from typing import Literal, NamedTuple

from bot.artwork.headers import Header, is_cut_off, kind_of, read_header
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
_ADVICE = "export it as a PNG of 512 pixels square, and upload that."

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
    # Pillow is loaded with the first picture, so that commands without one start at once.
    from bot.artwork.decoding import png, square
    from bot.artwork.tiles import centred

    with _one_at_a_time:
        try:
            original = square(
                content,
                header.kind,
                ORIGINAL,
                crop=fit == "crop",
                check=lambda width, height: _check_size(header, width, height),
            )
        except PictureRefusedError:
            raise
        # A damaged file makes Pillow's decoders raise nearly anything, and all of it means the same.
        except Exception as error:
            raise _damaged(header.kind) from error
    return SafePicture(png(original), png(centred(original.convert("RGBA"), TILE)))


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
