"""The text itself: Slack's entities and markup, invisible characters, whitespace, quotes, dashes."""

import re
import unicodedata
from typing import Final

# Character classes, written to stand inside the brackets of a regular expression.
HYPHENS: Final = r"\-\u2010\u2011\u2043\u2212\uff0d\ufe63"
LONG_DASHES: Final = r"\u2012-\u2015\u2500\u2501\u2e3a\u2e3b\u30fc\uff70\ufe58"
DASHES: Final = HYPHENS + LONG_DASHES
DOUBLE_QUOTES: Final = '"\u201c-\u201f\u00ab\u00bb\u2033\u2036\uff02\u300c-\u300f\u301d-\u301f'
SINGLE_QUOTES: Final = "'\u2018-\u201b\u2039\u203a\u2032\u2035\uff07`\u00b4"
COMMAS: Final = ",\u060c\u3001\uff0c"
JOINERS: Final = "\u200c\u200d"

# Control, zero-width and direction characters, letters and signs that are blank, those of musical and
# shorthand notation that only steer it, tags, and halves of surrogate pairs, which no database takes.
# The two joiners stay, because Persian words and family emoji are made with them; so does every
# character that is white space, and the three flags that tags are used for (unicode.org/reports/tr51,
# emoji tag sequences), which the group has.
_FLAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")
)
_INVISIBLE = re.compile(
    f"(\U0001f3f4(?:{_FLAGS})\U000e007f)|"
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e"
    "\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\ud800-\udfff]"
)
_BLANK = re.compile("[MZ]|C[cfs]")  # Unicode's categories of what does not show by itself
_UNEVEN_SPACE = re.compile(r"\s\s|[^\S ]")
_SPACE = re.compile(r"\s+")
_NEWLINE = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")

USER = r"<@(?P<user>[UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>"
GROUP = r"<!subteam\^(?P<group>S[A-Z0-9]{1,30})(?:\|[^<>]*)?>"
MARKUP: Final = (
    r"<(?:@[UW][A-Z0-9]{1,30}|#[CGD][A-Z0-9]{1,30}|![a-z]+(?:\^[^<>|]*)?"
    r"|(?:https?|mailto|tel|ftp|slack):[^<>|\s]+)(?:\|[^<>]*)?>"
)
_MARKUP = re.compile(MARKUP)


class ParseProblem(ValueError):  # noqa: N818 - the person is told, the program is fine
    """What a person typed cannot be carried out as it stands.

    `sentence` says in plain text what to do next. It may quote what was typed, so it is escaped
    like anything else a person wrote.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def decode(text: str) -> str:
    """Return text with Slack's three entities decoded exactly once.

    Text without entities comes back as it is, so text that Slack has not encoded is safe too.
    Mentions are to be recognised before: afterwards a typed `&lt;@U1&gt;` looks like one.
    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def without_invisible(text: str) -> str:
    """Return text without characters that nobody sees and that only get in the way.

    The blank of Braille, which parts its words, becomes a space.
    """
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(r"\1", text.replace("\u2800", " "))


def shows(text: str) -> bool:
    """Whether anything of a text can be seen by itself."""
    return any(not _BLANK.match(unicodedata.category(one)) for one in without_invisible(text))


def evenly_spaced(text: str) -> str:
    """Return text trimmed, with single spaces; line breaks stay, at most two in a row."""
    text = text.strip().strip(JOINERS).strip()
    if _UNEVEN_SPACE.search(text) is None:
        return text
    return _SPACE.sub(_one_space, text)


def typed(text: str) -> str:
    """Return what somebody typed into a field of a form, which Slack sends without markup, cleaned."""
    return evenly_spaced(without_invisible(text))


def _one_space(run: re.Match[str]) -> str:
    breaks = len(_NEWLINE.findall(run[0]))
    return "\n" * min(breaks, 2) or " "


def plain(text: str) -> str:
    """Return Slack's text as people read it: markup as its label, entities decoded, spaces even.

    A mention becomes `@label`, a channel `#label`, a link its address. None of it can ping
    anybody once the result is escaped.
    """
    if "<" in text:
        text = _MARKUP.sub(_readable, text)
    return evenly_spaced(decode(text))


def _readable(markup: re.Match[str]) -> str:
    target, _, label = markup[0][1:-1].partition("|")
    label = label.strip()
    match target[0]:
        case "@" | "#" as sign:
            return sign + (label.lstrip(sign) or target[1:])
        case "!":
            return label or "@" + target[1:].partition("^")[0]
    address = target.removeprefix("mailto:").removeprefix("tel:")
    # Slack labels a link with the address as it was typed, that is without `https://`.
    if not label or decode(label) in decode(target):
        return address
    return f"{label} ({address})"


def first_word(text: str) -> tuple[str, str]:
    """Return the first word, casefolded, and the rest, still as Slack sent it.

    For sub-commands: `"Revoke A-7K3QX9M oops"` → `("revoke", "A-7K3QX9M oops")`.
    """
    word, *rest = without_invisible(text).split(maxsplit=1) or [""]
    return word.casefold(), rest[0].rstrip() if rest else ""
