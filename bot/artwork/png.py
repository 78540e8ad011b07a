"""PNG put together from pieces that were compressed before.

Compressing 24 badges takes 24 ms even at the lowest level, which is most of drawing a trophy case.
So each tile keeps its rows already compressed, each row on its own, and a picture is their
concatenation: 5 ms, for a file a third larger. Deflate allows it (RFC 1951, section 3.2.3: blocks
follow one another; a full flush ends one at a byte and forgets what came before), and so do
the checksum (RFC 1950, section 9: sums of parts can be combined) and the filter used here, which
keeps each byte as its difference to the pixel on its left (PNG specification, section 9.2), because
to the left of each piece lies the ground.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageChops

Ground = tuple[int, int, int]
_SUB = b"\x01"
_ADLER = 65521


class Piece(NamedTuple):
    """A part of a picture: its rows compressed, where each begins, and their Adler-32 sums."""

    width: int
    height: int
    deflated: bytes
    starts: array[int]
    sums: array[int]

    def weight(self) -> int:
        """The bytes that it takes in memory, roughly."""
        return len(self.deflated) + 8 * len(self.starts)


class Band(NamedTuple):
    """Pieces side by side, each with its distance from the left edge, at least 1; the rest is ground."""

    height: int
    pieces: tuple[tuple[int, Piece], ...] = ()


def piece(picture: Image.Image, ground: Ground) -> Piece:
    """An RGB picture as a piece; ValueError unless its rightmost column is all ground."""
    wide, high = picture.size
    if picture.crop((wide - 1, 0, wide, high)).getcolors() != [(high, ground)]:
        raise ValueError("a piece must end in its ground")
    left = Image.new("RGB", picture.size, ground)
    left.paste(picture, (1, 0))
    differences = ImageChops.subtract_modulo(picture, left).tobytes()
    rows = [differences[at : at + 3 * wide] for at in range(0, len(differences), 3 * wide)]
    deflated = [_deflated(row) for row in rows]
    starts = array("I", [0])
    for row in deflated:
        starts.append(starts[-1] + len(row))
    return Piece(wide, high, b"".join(deflated), starts, array("I", map(zlib.adler32, rows)))


def assembled(width: int, ground: Ground, bands: Sequence[Band]) -> bytes:
    """A true-colour PNG of so many pixels across, its bands one below the other."""
    parts = [b"\x78\x01"]
    low, high = 1, 0
    for band in bands:
        for length, total, part in _segments(width, ground, band):
            high = (high + length * low + (total >> 16) - length) % _ADLER
            low = (low + (total & 0xFFFF) - 1) % _ADLER
            parts.append(part)
    # The last block is an empty one of fixed codes.
    parts += [b"\x03\x00", struct.pack(">HH", high, low)]
    size = struct.pack(">LLBBBBB", width, sum(band.height for band in bands), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", b"".join(parts)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


Segment = tuple[int, int, bytes]


def _segments(width: int, ground: Ground, band: Band) -> list[Segment]:
    """Length, checksum and compressed bytes of what makes up a band, row by row."""
    if not band.pieces:
        return [_edge(width, ground)] * band.height
    edge = _edge(band.pieces[0][0], ground)
    ends = [left + part.width for left, part in band.pieces]
    nexts = [left for left, _part in band.pieces[1:]] + [width]
    gaps = [following - end for end, following in zip(ends, nexts, strict=True)]
    columns = [
        _column(part, gap, band.height)
        for (_left, part), gap in zip(band.pieces, gaps, strict=True)
    ]
    return [segment for row in zip(*columns, strict=True) for segment in (edge, *sum(row, ()))]


def _column(part: Piece, gap: int, height: int) -> list[tuple[Segment, ...]]:
    length = 3 * part.width
    after = (_gap(gap),) if gap else ()
    rows: list[tuple[Segment, ...]] = [
        ((length, total, part.deflated[start:end]), *after)
        for total, (start, end) in zip(part.sums, pairwise(part.starts), strict=True)
    ]
    return rows + [(_gap(part.width), *after)] * (height - part.height)


@lru_cache(maxsize=64)
def _edge(width: int, ground: Ground) -> Segment:
    return _segment(_SUB + bytes(ground) + bytes(3 * (width - 1)))


@lru_cache(maxsize=64)
def _gap(width: int) -> Segment:
    return _segment(bytes(3 * width))


def _segment(row: bytes) -> Segment:
    return len(row), zlib.adler32(row), _deflated(row)


def _deflated(row: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15, 5)
    return compressor.compress(row) + compressor.flush(zlib.Z_FULL_FLUSH)


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">L", len(content)) + body + struct.pack(">L", zlib.crc32(body))
