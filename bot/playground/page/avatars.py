"""Drawn avatars: initials on a colour of the person's own, never a photo."""

import hashlib
import unicodedata
from html import escape

from bot.playground.shapes import User

# Pairs of a background's two tones; white letters on the darker have a contrast of 4.5 at least.
TONES = (
    ("#2f6f57", "#3d8469"),
    ("#8a4b2a", "#9c5a36"),
    ("#3f5aa6", "#4f6ab4"),
    ("#7a3b69", "#8c4a7a"),
    ("#8a3a3f", "#9c474c"),
    ("#2b6a80", "#377a91"),
    ("#5b4b9b", "#6a5aab"),
    ("#5f6323", "#6e722d"),
    ("#9a3f66", "#aa4d75"),
    ("#3a6b35", "#477c41"),
    ("#7a5418", "#8b6222"),
    ("#47607a", "#557089"),
)
SIZE = 72


def avatar(user: User, *, app: bool = False) -> str:
    """Return a person's picture as SVG, always the same for the same person."""
    seed = hashlib.sha256(user.id.encode()).digest()
    # Ids count up, so that colleagues who came one after the other differ.
    deep, light = TONES[int(user.id[-1], 36) % len(TONES)]
    if app:
        return _svg("#17352b", "", WREATH)
    if user.is_bot:
        return _svg("#4a5560", _pattern(seed, "#57636f"), ROBOT)
    words = initials(user.display_name or user.real_name)
    size = 30 if len(words) > 1 else 36
    letters = (
        f'<text x="36" y="37" fill="#fff" font-size="{size}" text-anchor="middle" '
        'dominant-baseline="central" font-weight="600" '
        "font-family=\"Inter,system-ui,'Segoe UI','Noto Sans',sans-serif\">"
        f"{escape(words)}</text>"
    )
    return _svg(deep, _pattern(seed, light), letters)


def initials(name: str) -> str:
    """Return what stands for a name: two capitals, or one sign of a script that has none."""
    words = [word for word in name.split() if word[0].isalpha()] or [name or "?"]
    if any(not unicodedata.category(word[0]).startswith("Lu") for word in words):
        return words[0][0].upper()
    return words[0][0] + (words[-1][0] if len(words) > 1 else "")


def _pattern(seed: bytes, light: str) -> str:
    """Return a large quiet shape, so that two people of one colour differ."""
    x, y, radius = 10 + seed[1] % 52, 4 + seed[2] % 20, 26 + seed[3] % 18
    if seed[4] % 3 == 0:
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{light}"/>'
    if seed[4] % 3 == 1:
        return f'<path d="M0 {30 + y} Q {x} {y - 14} 72 {28 + x // 2} V0 H0Z" fill="{light}"/>'
    return f'<path d="M{x} -8 L80 {20 + y} V-8Z" fill="{light}"/>'


def _svg(colour: str, *parts: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="{colour}"/>{"".join(parts)}</svg>'
    )


ROBOT = (
    '<g fill="#fff"><rect x="18" y="26" width="36" height="28" rx="8"/>'
    '<rect x="34.5" y="15" width="3" height="11"/><circle cx="36" cy="14" r="4"/></g>'
    '<g fill="#4a5560"><circle cx="28.5" cy="38" r="4"/><circle cx="43.5" cy="38" r="4"/>'
    '<rect x="28" y="46" width="16" height="3" rx="1.5"/></g>'
)


def _leaves() -> str:
    """Return one half of a wreath: a stem from below and leaves in pairs along it."""
    leaf = '<path d="M0 0C5-3 6.5-9 0-17C-6.5-9-5-3 0 0Z"/>'
    places = ((30, 58, -62), (20, 50, -38), (15, 39, -14), (17, 28, 8))
    outer = "".join(
        f'<g transform="translate({x} {y}) rotate({turn})">{leaf}</g>' for x, y, turn in places
    )
    inner = "".join(
        f'<g transform="translate({x + 1} {y - 2}) rotate({turn + 62}) scale(.8)">{leaf}</g>'
        for x, y, turn in places[:3]
    )
    return outer + inner


_HALF = _leaves()
WREATH = f'<g fill="#e9c46a">{_HALF}<g transform="matrix(-1 0 0 1 72 0)">{_HALF}</g></g>'
