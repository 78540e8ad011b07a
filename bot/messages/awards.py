"""What people read of awards: the feed post, the direct message, the giver's confirmation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.messages import blocks, text
from bot.messages.blocks import Block
from storage.badges import BadgeRow
from storage.people import PersonRow

MAX_CARDS = 5  # pictures in one post; the badges beyond are in its words
UNDO_ACTION = "award_undo"
AGAIN_ACTION = "award_again"
DISMISS_ACTION = "award_dismiss"

Source = Callable[[BadgeRow], Block | None]  # where Slack finds a badge's card, if anywhere yet


@dataclass(frozen=True)
class Post:
    """A message ready to be sent; `plain_blocks` are the same without pictures."""

    text: str
    blocks: list[Block]
    plain_blocks: list[Block]


@dataclass(frozen=True)
class Told:
    """One award as a message tells of it."""

    recipient: PersonRow
    badge: BadgeRow
    code: str
    revoked_by: PersonRow | None = None
    revoked: bool = False


def feed_post(
    told: Sequence[Told],
    *,
    giver: PersonRow | None,
    reason: str,
    evidence_url: str = "",
    card: Source,
) -> Post:
    """What the feed says of one command's awards; recipients are mentioned, nobody else.

    Awards that were revoked since are told as such, without their picture.
    """
    standing = [one for one in told if not one.revoked]
    lines = [
        f"{text.in_words([text.mention(person) for person in people])} received"
        f" {text.in_words([text.bold(badge.name) for badge in badges])}"
        for people, badges in together([(one.recipient, one.badge) for one in standing])
    ]
    lines += [_taken_back(one) for one in told if one.revoked]
    words = "\n".join(lines)
    said = [blocks.section(words)]
    if reason and standing:
        said.append(blocks.section(text.quote(reason)))
    small = [f"From {text.name(giver)}"]
    if len(told) == 1:
        small.append(told[0].code)
    if evidence_url and standing:
        small.append(f"<{text.escape(evidence_url)}|The message>")
    cards = [
        blocks.picture(source, f"Badge: {badge.name}. {badge.description}")
        for badge in _distinct(standing)[:MAX_CARDS]
        if (source := card(badge))
    ]
    return Post(
        text=f"{words}{f': {text.escape(reason)}' if reason and standing else ''}",
        blocks=[*said, *cards, blocks.context(" · ".join(small))],
        plain_blocks=[*said, blocks.context(" · ".join(small))],
    )


def direct_message(
    told: Sequence[Told],
    *,
    giver: PersonRow | None,
    reason: str,
    private: bool,
    evidence_url: str = "",
    card: Source,
) -> Post:
    """What a recipient is told in a direct message about the awards of one command."""
    standing = [one for one in told if not one.revoked]
    lines = []
    if standing:
        names = text.in_words([text.bold(one.badge.name) for one in standing])
        lines.append(f"{text.name(giver)} gave you {names}.")
    lines += [f"{_taken_back(one, to_recipient=True)}." for one in told if one.revoked]
    words = "\n".join(lines)
    said = [blocks.section(words)]
    if reason and standing:
        said.append(blocks.section(text.quote(reason)))
    cards = [
        blocks.picture(source, f"Badge: {badge.name}. {badge.description}")
        for badge in _distinct(standing)[:MAX_CARDS]
        if (source := card(badge))
    ]
    small = []
    if standing and private:
        small.append(f"This is private: only you, {text.name(giver)} and badge admins can see it.")
    elif standing:
        hide = f" Rather not show it? `/badges hide {standing[0].code}`" if standing else ""
        small.append(f"It’s on your profile: `/badges`.{hide}")
    if evidence_url and standing:
        small.append(f"<{text.escape(evidence_url)}|The message it was given for>")
    foot = [blocks.context(*small)] if small else []
    return Post(
        text=f"{words}{f' {text.escape(reason)}' if reason and standing else ''}",
        blocks=[*said, *cards, *foot],
        plain_blocks=[*said, *foot],
    )


def together(
    pairs: Sequence[tuple[PersonRow, BadgeRow]],
) -> list[tuple[list[PersonRow], list[BadgeRow]]]:
    """People who received the same badges, together, in the order of their first award."""
    of_person: dict[PersonRow, list[BadgeRow]] = {}
    for person, badge in pairs:
        of_person.setdefault(person, []).append(badge)
    groups: dict[tuple[BadgeRow, ...], list[PersonRow]] = {}
    for person, badges in of_person.items():
        groups.setdefault(tuple(badges), []).append(person)
    return [(people, list(badges)) for badges, people in groups.items()]


def _taken_back(one: Told, *, to_recipient: bool = False) -> str:
    by = f" by {text.name(one.revoked_by)}" if one.revoked_by else ""
    if to_recipient:
        return f"{text.bold(one.badge.name)} was revoked{by}"
    return f"~{text.name(one.recipient)} received {text.escape(one.badge.name)}~ (revoked{by})"


def _distinct(told: Sequence[Told]) -> list[BadgeRow]:
    return list(dict.fromkeys(one.badge for one in told))
