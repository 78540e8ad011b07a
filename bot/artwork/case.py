"""The trophy case: a person's badges in one picture, drawn from tiles that are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from PIL import Image, ImageDraw

from bot.artwork.canvas import Stencil, lay
from bot.artwork.family import METALS, SHAPES
from bot.artwork.lettering import draw_line, line_height, measure, wrap
from bot.artwork.paths import scaled
from bot.artwork.png import Band, Piece, assembled, piece
from bot.artwork.tiles import squared
from bot.artwork.trophies import Trophy, shown_trophies, trophy_case_key

GROUND = (30, 35, 58)
LABEL = (232, 235, 246)
_QUIET = (168, 176, 206)
BADGE = 144
TILE = 168
_MARGIN = 22
_LABEL_SIZE = 17
_FOOTER = 46
_TILE_BYTES = 16 * 2**20
_PICTURE_BYTES = 8 * 2**20

Kept = TypeVar("Kept")


class _Cache(Generic[Kept]):
    """The most recently used entries, bounded in number and in bytes; safe for threads."""

    def __init__(self, entries: int, room: int, weigh: Callable[[Kept], int]) -> None:
        self._entries, self._room, self._weigh = entries, room, weigh
        self._kept: OrderedDict[object, Kept] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def get(self, key: object) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def keep(self, key: object, value: Kept) -> Kept:
        """Keep a value unless another thread was first; the answer is what is kept."""
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            self._kept[key] = value
            self._weight += self._weigh(value)
            while self._kept and (len(self._kept) > self._entries or self._weight > self._room):
                _key, dropped = self._kept.popitem(last=False)
                self._weight -= self._weigh(dropped)
            return value


class TrophyCase:
    """Draws trophy cases and remembers tiles and finished pictures; threads may share one.

    Besides the given numbers of entries, tiles take 16 MiB (some 450) and pictures 8 MiB at most, because
    all of Laurel is to fit in 150 MB.
    """

    def __init__(self, cache_tiles: int = 4096, cache_pictures: int = 256) -> None:
        self._tiles: _Cache[Piece] = _Cache(cache_tiles, _TILE_BYTES, Piece.weight)
        self._pictures: _Cache[bytes] = _Cache(cache_pictures, _PICTURE_BYTES, len)

    def draw(self, trophies: Sequence[Trophy], *, more: int = 0) -> bytes:
        """The picture of up to 24 trophies as a PNG; further ones are counted as "+N more".

        The same trophies again give the very same bytes object while it is remembered. Raises
        UnreadablePictureError where an original cannot be read.
        """
        key = trophy_case_key(trophies, more)
        picture = self._pictures.get(key)
        if picture is not None:
            return picture
        shown, left = shown_trophies(trophies, more)
        bands = self._bands(shown, left) if shown else [_empty()]
        return self._pictures.keep(key, assembled(_width(len(shown)), GROUND, bands))

    def _bands(self, trophies: Sequence[Trophy], more: int) -> list[Band]:
        columns, wide = column_count(len(trophies)), _width(len(trophies))
        bands = [Band(_MARGIN)]
        for start in range(0, len(trophies), columns):
            tiles = [self._tile(trophy) for trophy in trophies[start : start + columns]]
            left = (wide - len(tiles) * TILE) // 2
            places = tuple((left + TILE * index, tile) for index, tile in enumerate(tiles))
            bands.append(Band(max(tile.height for tile in tiles), places))
        return [*bands, _footer(wide, more), Band(_MARGIN)] if more else [*bands, Band(_MARGIN)]

    def _tile(self, trophy: Trophy) -> Piece:
        key = (trophy.image_key, trophy.name, trophy.count)
        tile = self._tiles.get(key)
        if tile is None:
            original = trophy.image if isinstance(trophy.image, bytes) else trophy.image()
            drawn = _labelled(original, trophy.name)
            if trophy.count > 1:
                mark = _count_mark(trophy.count)
                drawn.paste(mark, (TILE - 8 - mark.width, BADGE - mark.height), mark)
            tile = self._tiles.keep(key, piece(drawn, GROUND))
        return tile


def _width(trophies: int) -> int:
    return max(column_count(trophies), 4) * TILE + 2 * _MARGIN


def column_count(trophies: int) -> int:
    """In how many columns so many trophies stand, so that rows are about equally full."""
    if trophies <= 6:
        return max(trophies, 1)
    if trophies <= 8:
        return 4
    return 5 if trophies <= 10 else 6


def _labelled(original: bytes, name: str) -> Image.Image:
    lines = wrap(name, _LABEL_SIZE, TILE - 14, 2, bold=True)
    tile = Image.new("RGB", (TILE, BADGE + 20 + 21 * max(len(lines), 1)), GROUND)
    badge = squared(original, BADGE)
    tile.paste(badge, ((TILE - BADGE) // 2, 0), badge)
    draw = ImageDraw.Draw(tile)
    for index, line in enumerate(lines):
        baseline = BADGE + 25 + index * line_height(_LABEL_SIZE)
        draw_line(draw, (TILE / 2, baseline), line, _LABEL_SIZE, LABEL, bold=True, align="middle")
    return tile


@lru_cache(maxsize=64)
def _count_mark(count: int) -> Image.Image:
    words = f"×{count:,}"
    size, high = 20, 32
    wide = max(high, round(measure(words, size, bold=True)) + 22)
    large = Image.new("L", (wide * 4, high * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, wide * 4 - 1, high * 4 - 1), radius=high * 2, fill=255
    )
    mark = Image.new("RGBA", (wide, high), (*GROUND, 0))
    mark.paste((*GROUND, 255), (0, 0), large.resize((wide, high), Image.Resampling.LANCZOS))
    inner = large.resize((wide - 6, high - 6), Image.Resampling.LANCZOS)
    mark.paste((*METALS["gold"].light, 255), (3, 3), inner)
    draw = ImageDraw.Draw(mark)
    draw_line(
        draw, (wide / 2, high / 2 + 7), words, size, (52, 36, 8, 255), bold=True, align="middle"
    )
    return mark


def _footer(wide: int, more: int) -> Band:
    footer = Image.new("RGB", (wide - 1, _FOOTER), GROUND)
    draw, words = ImageDraw.Draw(footer), f"+{more:,} more"
    draw_line(draw, (wide / 2, _FOOTER - 8), words, 24, _QUIET, bold=True, align="middle")
    return Band(_FOOTER, ((1, piece(footer, GROUND)),))


def _empty() -> Band:
    wide, high = _width(0) - 1, 300
    picture = Image.new("RGBA", (wide, high), (*GROUND, 255))
    ghost = 150
    for index, shape in enumerate(("round", "shield", "hexagon")):
        space = Image.new("RGBA", (ghost, ghost), (0, 0, 0, 0))
        stencil = Stencil(ghost).fill(SHAPES[shape]).cut(scaled(SHAPES[shape], 0.94))
        lay(space, stencil.mask(), (92, 102, 144))
        lay(space, Stencil(ghost).fill(scaled(SHAPES[shape], 0.86)).mask(), (42, 48, 76))
        picture.alpha_composite(space, (wide // 2 + (index - 1) * 180 - ghost // 2, 26))
    flat = picture.convert("RGB")
    draw = ImageDraw.Draw(flat)
    draw_line(draw, (wide / 2, 222), "Room for a first badge", 28, LABEL, bold=True, align="middle")
    words = "It shows here as soon as a colleague awards one."
    draw_line(draw, (wide / 2, 260), words, 20, _QUIET, align="middle")
    return Band(high, ((1, piece(flat, GROUND)),))
