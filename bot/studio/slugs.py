"""The short name of a badge that people type: made from its name, checked when somebody chose it."""

import unicodedata

from bot.parsing import badge_key

LONGEST = 60  # characters
_UNNAMED = "badge"


def slug_from(name: str) -> str:
    """Small letters, digits and single hyphens that stand for a name: `ping-pong-champion`.

    Accents on Latin letters are left out; other scripts stay as they are.
    """
    spaced = "".join(_letter(character) for character in unicodedata.normalize("NFC", name))
    words = badge_key(spaced).replace("-", " ").split()
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        slug = longer
    return slug or _UNNAMED


def _letter(character: str) -> str:
    if unicodedata.category(character)[0] not in "LNM":
        # Apostrophes join what they stand in: “People’s Choice” is `peoples-choice`.
        return "" if character in "'’" else " "
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain.isascii() else character


def checked(typed: str) -> str:
    """A slug as somebody typed it. Raises ValueError with a sentence."""
    slug = typed.strip().strip("`").lower()
    made = slug_from(slug)
    if slug != made:
        raise ValueError(
            "A slug has small letters, digits and single hyphens between them, at most"
            f" {LONGEST} in all: for example {made}."
        )
    return slug
