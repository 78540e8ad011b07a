"""Which characters a font file can draw, read from its `cmap` table.

Pillow draws a box for a character that a font lacks and does not say so; this module says so.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"


class Coverage(NamedTuple):
    """Sorted, closed ranges of code points."""

    ranges: tuple[tuple[int, int], ...]

    def has(self, character: str) -> bool:
        """Whether the font draws the character."""
        code = ord(character)
        low, high = 0, len(self.ranges)
        while low < high:
            middle = (low + high) // 2
            first, last = self.ranges[middle]
            if code < first:
                high = middle
            elif code > last:
                low = middle + 1
            else:
                return True
        return False


@lru_cache(maxsize=64)
def coverage(path: Path) -> Coverage:
    """The characters of a TrueType or OpenType file, or of a collection's first face.

    Raises ValueError where the file has no Unicode table that this module reads.
    The layout is that of the OpenType specification, chapters "Font File" and "cmap".
    """
    with path.open("rb") as file:
        table = _table(file, b"cmap")
    best: tuple[int, int] | None = None
    (count,) = struct.unpack_from(">H", table, 2)
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", table, 4 + 8 * index)
        (layout,) = struct.unpack_from(">H", table, offset)
        if (platform == 0 or (platform == 3 and encoding in (1, 10))) and layout in (4, 12):
            best = max(best or (0, 0), (layout, offset))
    if best is None:
        raise ValueError(f"{path.name} has no Unicode character table")
    layout, offset = best
    codes = _segments(table, offset) if layout == 4 else _groups(table, offset)
    return Coverage(tuple(sorted(codes)))


def _table(file: BinaryIO, tag: bytes) -> bytes:
    header = file.read(12)
    if header[:4] == b"ttcf":
        (start,) = struct.unpack(">L", file.read(4))
        file.seek(start)
        header = file.read(12)
    (count,) = struct.unpack_from(">H", header, 4)
    for _ in range(count):
        name, _checksum, offset, length = struct.unpack(">4sLLL", file.read(16))
        if name == tag:
            file.seek(offset)
            return file.read(length)
    raise ValueError(f"the font has no {tag.decode()} table")


def _groups(table: bytes, offset: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">L", table, offset + 12)
    return [struct.unpack_from(">LL", table, offset + 16 + 12 * index) for index in range(count)]


def _segments(table: bytes, offset: int) -> list[tuple[int, int]]:
    (double,) = struct.unpack_from(">H", table, offset + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", table, offset + 14)
    starts = struct.unpack_from(f">{count}H", table, offset + 16 + double)
    return [pair for pair in zip(starts, ends, strict=True) if pair[0] != 0xFFFF]
