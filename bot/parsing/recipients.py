"""`/award` text: who, under which flags, and the words after."""

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from bot.parsing.flags import (
    Flag,
    NearFlagProblem,
    may_be_flag,
    only_dashes,
    read_flag,
    refuse_quoted_flag,
    refuse_unknown_flag,
)
from bot.parsing.wording import (
    COMMAS,
    DASHES,
    DOUBLE_QUOTES,
    GROUP,
    JOINERS,
    MARKUP,
    USER,
    ParseProblem,
    decode,
    plain,
    without_invisible,
)

_HEAD = re.compile(
    rf"(?P<between>(?:[\s{COMMAS};{JOINERS}]|:(?=\s))+"
    r"|(?i:and|&amp;|&|\+)(?=\s*(?:<[@!]|[@＠])))"
    rf"|{USER}|{GROUP}"
    r"|(?P<everybody><!(?:channel|here|everyone|group)(?:\|[^<>]*)?>"
    r"|[@＠](?i:channel|here|everyone|group)(?!\w))"
    r"|(?P<channel><#[CGD][A-Z0-9]+(?:\|[^<>]*)?>)"
    r"|(?P<unlinked>[@＠][^\s<" + COMMAS + r"]*)"
    rf"|(?P<dashed>[{DASHES}][^\s<{COMMAS}]*)"
)
_TAIL = re.compile(
    rf"(?P<kept>{MARKUP}"
    rf"|(?<![^\s{COMMAS}(])[{DOUBLE_QUOTES}][^{DOUBLE_QUOTES}]*[{DOUBLE_QUOTES}]"
    rf"(?=[\s{COMMAS}.:;!?)…]|\Z))"
    r"|(?P<word>[^\s<]+(?:<(?![@#!]|https?:|mailto:)[^\s<]*)*|<[^\s<]*)"
)


class AwardText(NamedTuple):
    """What an `/award` text asks for, before the catalogue and the directory are asked.

    `people` and `groups` are Slack ids (`U…`/`W…`, `S…`), each once, in the order typed; `rest` is
    plain text, the badges and then the reason, without recipients and flags.
    """

    people: tuple[str, ...]
    groups: tuple[str, ...]
    private: bool
    quiet: bool
    rest: str


def parse_award(text: str) -> AwardText:
    """Read the recipients, flags and remaining words of an `/award` text as Slack sent it.

    The mentions before the first other word are the recipients; later ones are text, shown by
    their labels. A flag counts anywhere except among other words inside double quotes. Line breaks in
    the reason stay, at most two in a row. Raises ParseProblem for a recipient that cannot be one,
    and for a word that is nearly a flag or was meant as one.
    """
    text = without_invisible(text)
    people: dict[str, None] = {}
    groups: dict[str, None] = {}
    flags: set[Flag] = set()
    position = 0
    while (found := _HEAD.match(text, position)) is not None:
        position = found.end()
        match found.lastgroup:
            case "user":
                people[found["user"]] = None
            case "group":
                groups[found["group"]] = None
            case "dashed":
                word = found[0]
                flag = read_flag(word, text[position : position + 80])
                if flag is None:
                    refuse_unknown_flag(word, before_badge=True)
                else:
                    flags.add(flag)
            case "between":
                pass
            case kind:
                _refuse_recipient(kind, found[0])
    tail = _without_flags(text[position:], flags)
    return AwardText(
        people=tuple(people),
        groups=tuple(groups),
        private="private" in flags,
        quiet="quiet" in flags,
        rest=plain(tail),
    )


def flag_in(reason: str) -> tuple[str, Flag] | None:
    """Return the first word of a reason that is a flag or comes near one, and the flag.

    For a form, which has boxes to tick: there a flag in the reason would be published. Any other
    `--word` is text there, where nobody is told of flags.
    """
    try:
        return next(((found[0], flag) for found, flag in _flags_among(reason) if flag), None)
    except NearFlagProblem as near:
        return near.shown, near.flag


def _flags_among(text: str) -> Iterator[tuple[re.Match[str], Flag | None]]:
    """The words that need a closer look, each with the flag that it is. Raises NearFlagProblem."""
    for found in _TAIL.finditer(text):
        word = found["word"]
        if word is None:
            if not found[0].startswith("<"):
                refuse_quoted_flag(found[0])
        elif may_be_flag(word):
            end = found.end()
            following = text[end : end + 80] if only_dashes(word) else ""
            yield found, read_flag(word, following)


def _without_flags(tail: str, flags: set[Flag]) -> str:
    """Return the words after the recipients without flags, which are added to `flags`."""
    kept: list[str] = []
    start = 0
    for found, flag in _flags_among(tail):
        if flag is not None:
            flags.add(flag)
            kept.append(tail[start : found.start()])
            start = found.end()
        elif found.start() == 0 or tail[found.start() - 1].isspace():
            refuse_unknown_flag(found[0], before_badge=False)
    if not kept:
        return tail
    kept.append(tail[start:])
    return " ".join(kept)


def _refuse_recipient(kind: str | None, shown: str) -> NoReturn:
    match kind:
        case "everybody":
            raise ParseProblem(
                "A badge goes to people, not to everybody in a channel, so nothing was awarded. "
                "Name them one by one, or name a user group such as @design-team."
            )
        case "channel":
            raise ParseProblem(
                "A channel cannot hold a badge, so nothing was awarded. "
                "Name the people one by one, or name a user group such as @design-team."
            )
    name = decode(shown)[:40]
    if len(name) == 1:
        name = "@…"
    raise ParseProblem(
        f"I can’t tell who “{name}” is, so nothing was awarded. Pick the name from the list Slack offers while you type, "
        "so that it turns into a link. If that never helps, ask an admin to turn on “Escape "
        "channels, users, and links” for this command; `laurel doctor` says where."
    )
