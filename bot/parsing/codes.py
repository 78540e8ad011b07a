"""Award ids as people type them."""

import re
from typing import Final

from bot.parsing.wording import DASHES, ParseProblem, plain, without_invisible

CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford’s base 32: digits and letters that nobody takes for one another."""

AWARD_CODE: Final = re.compile(r"A-[0-9A-HJKMNP-TV-Z]{7}")
"""An award id in its one stored form: `A-` and 7 characters of Crockford's base 32."""

_TYPED = re.compile(
    rf"[\s\"'`*_#“”‘’(]*a[{DASHES}]{{0,2}}([0-9a-tv-z]{{7}})(?![\w\u00aa-\u1fff])[\"'`*_“”‘’).:;,]*\s*",
    re.IGNORECASE | re.ASCII,
)
# Crockford reads the letters that look like digits as those digits, and has no U.
# https://www.crockford.com/base32.html
_LOOKALIKES = str.maketrans("ILO", "110")


def parse_code(text: str, *, given: bool = False) -> tuple[str, str]:
    """Return the award id at the start of the text, in its stored form, and the words after it.

    Lower case, a missing or prettified dash, and I, L or O for a digit are understood.
    Raises ParseProblem where no id stands there: it says where one finds those of what one was
    `given`, or gave.
    """
    text = without_invisible(text).strip()
    found = _TYPED.match(text)
    if found is None:
        shown = plain(text[:200])[:20]
        begin = f"“{shown}” is not an award id." if shown else "Which award?"
        where = "`/badges history` shows yours"
        if not given:
            where = "a profile shows you those of the awards you gave"
        raise ParseProblem(f"{begin} Ids look like A-7K3QX9M: {where}.")
    code = "A-" + found[1].upper().translate(_LOOKALIKES)
    return code, plain(text[found.end() :])
