"""Countries as HR files write them: codes of two or three letters, subdivisions, names."""

import re
from functools import lru_cache

from babel import Locale
from babel.core import get_global

_CODE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "pl")


@lru_cache(maxsize=4_096)
def read_country(text: str) -> str | None:
    """The ISO 3166 code (`PT`, `US-CA`) that a cell says, or None."""
    code = text.strip().upper()
    country, dash, part = code.partition("-")
    alias: list[str] = get_global("territory_aliases").get(country, [])
    if len(alias) == 1 and len(country) in (2, 3):
        code = f"{alias[0]}{dash}{part}"
    if _CODE.fullmatch(code) and code[:2] in Locale.parse("en").territories:
        return code
    return _by_name().get(text.strip().casefold())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {"usa": "US", "uk": "GB", "great britain": "GB", "holland": "NL"}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(name.casefold(), code)
    return found
