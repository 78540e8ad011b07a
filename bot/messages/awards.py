"""What people read of awards: the feed post, the direct message, the giver's confirmation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold, fitted, sections, without_pictures, words_of
from storage.badges import BadgeRow
from storage.people import PersonRow

MAX_CARDS = 5  # pictures in one post; the badges beyond are in its words
_IN_SHORT = 5000  # characters of a post that could not say everything
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
    cards: tuple[str, ...] = ()  # keys of the pictures that it shows, or would
    lacking: tuple[str, ...] = ()  # those among them that Slack does not have


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

    Awards that were revoked since are told as such, without their picture. Where Slack does not take
    every badge of every recipient, some are counted; no recipient is left out.
    """
    standing = [one for one in told if not one.revoked]
    taken_back = [one for one in told if one.revoked]
    illustrated = _cards(standing, card)

    def build(lines: list[str], room: int) -> list[Block]:
        said = sections(lines)
        if reason and standing:
            said.append(blocks.section(text.quote(reason)))
        small = [f"From {text.name(giver, room)}"]
        if len(told) == 1 and told[0].code:
            small.append(told[0].code)
        if evidence_url and standing:
            small.append(f"<{text.escape(evidence_url)}|The message>")
        return [*said, *illustrated, blocks.context(" · ".join(small))]

    made = fitted(
        lambda room: build([*_received(standing, room), *_struck_out(taken_back, room)], room),
        lambda room: build(
            [*_received_in_short(standing, room), *_struck_out_in_short(taken_back)], room
        ),
    )
    return Post(words_of(made), made, without_pictures(made))


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
    illustrated = _cards(standing, card)

    def build(room: int) -> list[Block]:
        lines = []
        if standing:
            names = text.in_words([brief_bold(one.badge.name, room) for one in standing])
            lines.append(f"{text.name(giver, room)} gave you {names}.")
        lines += [
            f"{brief_bold(one.badge.name, room)} was revoked{_by(one, room)}."
            for one in told
            if one.revoked
        ]
        said = sections(lines)
        if reason and standing:
            said.append(blocks.section(text.quote(reason)))
        small = _foot(standing, giver, private, room) if standing else []
        if evidence_url and standing:
            small.append(f"<{text.escape(evidence_url)}|The message it was given for>")
        return [*said, *illustrated, *([blocks.context(*small)] if small else [])]

    made = fitted(build)
    return Post(words_of(made), made, without_pictures(made))


def _foot(standing: Sequence[Told], giver: PersonRow | None, private: bool, room: int) -> list[str]:
    if private:
        return [f"This is private: only you, {text.name(giver, room)} and badge admins can see it."]
    if not standing[0].code:  # a preview
        return []
    if len(standing) > 1:
        return [
            "They’re on your profile: `/badges`. Rather not show one? `/badges history` hides it."
        ]
    return [
        f"It’s on your profile: `/badges`. Rather not show it? `/badges hide {standing[0].code}`"
    ]


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


def _received(standing: Sequence[Told], room: int) -> list[str]:
    return [
        f"{text.in_words([text.mention(person) for person in people])} received"
        f" {text.in_words([brief_bold(badge.name, room) for badge in badges])}"
        for people, badges in together([(one.recipient, one.badge) for one in standing])
    ]


def _received_in_short(standing: Sequence[Told], room: int) -> list[str]:
    """The same where it is too much: first each badge's recipients, then whoever is not named by then."""
    lines: list[str] = []
    length, named = 0, set[PersonRow]()
    left = list(standing)
    for badge in _distinct(standing):
        people = [one.recipient for one in standing if one.badge == badge]
        line = (
            f"{brief_bold(badge.name, room)}:"
            f" {', '.join(text.mention(person) for person in people)}"
        )
        length += len(line)
        if length > _IN_SHORT:
            break
        lines.append(line)
        named.update(people)
        left = [one for one in left if one.badge != badge]
    others = dict.fromkeys(one.recipient for one in left)
    unnamed = [text.mention(person) for person in others if person not in named]
    if unnamed:
        lines.append(f"{text.in_words(unnamed)} received badges too.")
    if left:
        lines.append(f"And {text.count(len(left), 'more award')}; their profiles show which.")
    return lines


def _struck_out(taken_back: Sequence[Told], room: int) -> list[str]:
    """Revoked awards, those that one person took back from the same people together."""
    lines = []
    for revoker in dict.fromkeys(one.revoked_by for one in taken_back):
        ones = [one for one in taken_back if one.revoked_by == revoker]
        for people, badges in together([(one.recipient, one.badge) for one in ones]):
            who = text.in_words([text.name(one, room) for one in people])
            what = text.in_words([brief(one.name, room) for one in badges])
            lines.append(f"~{who} received {what}~ (revoked{_by(ones[0], room)})")
    return lines


def _struck_out_in_short(taken_back: Sequence[Told]) -> list[str]:
    if not taken_back:
        return []
    count = len(taken_back)
    return [f"{text.count(count, 'award')} {'was' if count == 1 else 'were'} revoked."]


def _by(one: Told, room: int) -> str:
    return f" by {text.name(one.revoked_by, room)}" if one.revoked_by else ""


def _cards(standing: Sequence[Told], card: Source) -> list[Block]:
    return [
        blocks.picture(source, text.badge_alt_text(badge, described=True))
        for badge in _distinct(standing)[:MAX_CARDS]
        if (source := card(badge))
    ]


def _distinct(told: Sequence[Told]) -> list[BadgeRow]:
    return list(dict.fromkeys(one.badge for one in told))
