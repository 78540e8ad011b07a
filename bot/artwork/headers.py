"""What a picture file says of itself, read from its first bytes before anything is decoded.

Sources: PNG specification, sections 5.2 and 11.2.1; GIF89a, sections 18 and 20; ITU-T T.81, annex
B (JPEG); RFC 9649 (WebP).
"""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple

Kind = Literal["PNG", "JPEG", "GIF", "WebP"]

PNG_END = b"IEND\xaeB`\x82"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}


class Header(NamedTuple):
    """A picture's kind, its size in pixels, and what decoding it takes.

    `held` is in bytes a pixel; `passes` is how often the decoder goes over all of the picture.
    """

    kind: Kind
    width: int
    height: int
    held: float
    passes: int = 1


def kind_of(content: bytes) -> Kind | None:
    """Which of the four formats the bytes begin like."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP"
    return None


def read_header(content: bytes, kind: Kind) -> Header:
    """The header of a file of that kind. Raises ValueError where it has none to read."""
    try:
        if kind == "PNG":
            if content[12:16] != b"IHDR":
                raise ValueError("no header chunk")
            width, height = struct.unpack_from(">LL", content, 16)
            return Header(kind, width, height, held=4)
        if kind == "GIF":
            width, height = struct.unpack_from("<HH", content, 6)
            return Header(kind, width, height, held=4)
        return _webp(content) if kind == "WebP" else _jpeg(content)
    except (struct.error, IndexError) as error:
        raise ValueError("the header is cut off") from error


def is_cut_off(content: bytes, kind: Kind) -> bool:
    """Whether the end of the file is missing, as far as the format marks it."""
    if kind == "PNG":
        return PNG_END not in content
    if kind == "JPEG":
        return b"\xff\xd9" not in content
    if kind == "GIF":
        return not content.rstrip(b"\x00\r\n").endswith(b";")
    (length,) = struct.unpack_from("<L", content, 4)
    return bool(length + 8 > len(content))


def _webp(content: bytes) -> Header:
    # Pillow's decoder keeps two canvases, hands out a third, and makes a picture of it.
    held, chunk = 16.0, content[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        if len(content) < 30:
            raise ValueError("no canvas")
        return Header("WebP", width, height, held)
    if chunk == b"VP8L" and content[20] == 0x2F:
        (packed,) = struct.unpack_from("<L", content, 21)
        return Header("WebP", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1, held)
    if chunk == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF, held)
    raise ValueError("no picture chunk")


def _jpeg(content: bytes) -> Header:
    at, width, height, parts = 2, 0, 0, 0
    coefficients, progressive = 0.0, False
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker where one must be")
        marker = content[at + 1]
        if marker == 0xFF or marker in _WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker in _FRAMES:
            height, width, parts = struct.unpack_from(">HHB", content, at + 5)
            progressive = marker in _PROGRESSIVE
            coefficients = _coefficients(content, at + 10, parts)
        elif marker == 0xDA:
            several = progressive or content[at + 4] < parts
            break
        elif marker == 0xD9:
            raise ValueError("it ends before the picture")
        at += 2 + length
    # Scaled down while decoding, a plain JPEG takes next to nothing; one that comes in several
    # scans is kept whole, two bytes for each coefficient.
    passes = content.count(b"\xff\xda") if several else 1
    return Header("JPEG", width, height, 2 * coefficients if several else 0.5, passes)


def _coefficients(content: bytes, at: int, parts: int) -> float:
    """Coefficients a pixel, all components together."""
    factors = [content[at + 3 * part + 1] for part in range(parts)]
    across = max((factor >> 4 for factor in factors), default=0) or 1
    down = max((factor & 15 for factor in factors), default=0) or 1
    return sum((factor >> 4) * (factor & 15) for factor in factors) / (across * down)
