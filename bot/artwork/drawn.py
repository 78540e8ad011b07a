"""Drawing what was put together in Slack, in the family style."""

from __future__ import annotations

from io import BytesIO

from bot.artwork import family
from bot.artwork.design import ACCENTS, BACKGROUNDS, SHAPES, Design, emoji_name
from bot.artwork.family import Emblem
from bot.artwork.glyphs import sign

_BACKGROUNDS = dict(
    zip(
        BACKGROUNDS,
        (
            "indigo",
            "sky",
            "teal",
            "forest",
            "olive",
            "amber",
            "coral",
            "crimson",
            "rose",
            "violet",
            "plum",
            "slate",
            "night",
            "cocoa",
        ),
        strict=True,
    )
)
_ACCENTS = dict(
    zip(
        ACCENTS,
        ("gold", "silver", "bronze", "rose-gold", "steel", "ink", "leaf"),
        strict=True,
    )
)
# Of each shape: the outline, and what lies on its field.
_SHAPES = dict(
    zip(
        SHAPES,
        (
            ("round", "rays"),
            ("round", "rings"),
            ("shield", "stripes"),
            ("hexagon", "facets"),
            ("diamond", "dots"),
            ("rosette", "dots"),
            ("seal", "rings"),
            ("flower", "rays"),
        ),
        strict=True,
    )
)
_EMOJI = 106  # units across or down
_LETTERS = {1: (76.0, 62.0), 2: (104.0, 58.0), 3: (112.0, 54.0)}  # by their number


def draw_emoji(layers: Emblem, emoji: str) -> None:
    """An emoji as a badge's emblem."""
    light = layers.layer("light")
    silhouette, details = sign(emoji, light.pixels(_EMOJI))
    light.sign(silhouette, 0, 0)
    if details is not None:
        layers.layer("field").sign(details, 0, 0)


def drawn_badge(design: Design, *, size: int = 512) -> bytes:
    """A PNG of `size` pixels square."""

    def emblem(layers: Emblem) -> None:
        if emoji_name(design.symbol):
            draw_emoji(layers, design.symbol)
        else:
            layers.layer("light").letters(
                design.symbol, 0, 0, *_LETTERS[min(len(design.symbol), 3)]
            )

    outline, pattern = _SHAPES[design.shape]
    enamel = f"strong {_BACKGROUNDS[design.background]}"
    picture = family.draw(
        family.Design(
            shape=outline,
            enamel=enamel,
            metal=_ACCENTS[design.accent],
            pattern=pattern,
            emblem=emblem,
            ribbon=enamel if design.shape == "ribbon" else "",
        ),
        size,
    )
    png = BytesIO()
    picture.save(png, "PNG", compress_level=4)
    return png.getvalue()
