"""What an admin reads of awarding to many, and what the feed says of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from bot.bulk_plan import Plan, Shown
from bot.messages import blocks, text
from bot.messages.awards import Post, Source
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold, fitted, sections, without_pictures, words_of
from bot.messages.message import Message
from storage.badges import BadgeRow
from storage.people import PersonRow

BULK_OPEN = "bulk_open"  # in the Studio
BULK_START = "bulk_start"
BULK_DISCARD = "bulk_discard"
BULK_UNDO = "bulk_undo"
REFUSED_SHOWN = 10  # the rest is in a file
_HELD_SHOWN = 5
_BADGES_SHOWN = 8
MENTIONED = 240  # people whom one post names: more than Slack takes in one with any certainty
_BAR = 20


def previewed(plan: Plan, bulk_id: UUID | None, *, name: str, notes: Sequence[str]) -> Message:
    """What would be awarded, to be confirmed; `bulk_id` None: there is nothing to confirm."""
    total = len(plan.lines)
    title = f"{text.bold(name)}: {text.count(total, 'award')} to give."
    if bulk_id is None:
        title = f"{text.bold(name)}: nobody in it can be awarded, so there is nothing to do."

    def build(room: int) -> list[Block]:
        lines = [title, *_by_badge(plan.badges, room)]
        said = sections([*lines, *_first(plan.first, total, room)])
        said += sections(_held(plan.held, room)) + sections(_refused(plan, room))
        said += [blocks.context(*(text.escape(note) for note in notes[:10]))] if notes else []
        if bulk_id is not None:
            label = f"Award {total:,}" if not plan.refused else f"Award {total:,}, leave the others"
            said.append(
                blocks.actions(
                    [
                        blocks.button(label, BULK_START, value=bulk_id.hex, style="primary"),
                        blocks.button("Discard", BULK_DISCARD, value=bulk_id.hex),
                    ]
                )
            )
        return said

    made = fitted(build)
    return Message(text.cut(f"{title} Nothing is awarded yet.", 3000), made)


def running(done: int, total: int) -> Message:
    """How far it is."""
    filled = _BAR * done // total if total else _BAR
    words = f"Awarding: {done:,} of {total:,}\n`{'█' * filled}{'░' * (_BAR - filled)}`"
    small = "You can close this: I go on, and say here when it is done."
    return Message(
        f"Awarding: {done:,} of {total:,}", [blocks.section(words), blocks.context(small)]
    )


def finished(awarded: int, total: int, bulk_id: UUID, *, feed: Sequence[str]) -> Message:
    """What came of it, with Undo."""
    if not awarded:
        return _plain("Nothing was awarded: nobody of them can be awarded any more.")
    words = f"Done: {text.count(awarded, 'award')} given."
    left = total - awarded
    if left:
        words += (
            f" {text.count(left, 'other')} {'was' if left == 1 else 'were'} left out: they came to"
            " hold the badge meanwhile, are more than a limit allows, or can’t be awarded any more."
        )
    where = "No post in the feed"
    if feed:
        where = f"One post is on its way to {text.in_words([text.channel_link(x) for x in feed])}"
    small = f"{where}. Direct messages go out a few a second. Undo works for ten minutes."
    undo = blocks.button("Undo all of it", BULK_UNDO, value=bulk_id.hex, style="danger")
    return Message(words, [blocks.section(words), blocks.context(small), blocks.actions([undo])])


def taking_back(count: int) -> Message:
    """It is being undone, or revoked."""
    return _plain(f"Taking back {text.count(count, 'award')}…")


def taken_back(count: int, *, undone: bool) -> Message:
    """It was undone, or revoked."""
    if undone:
        return _plain(f"Undone: I took back {text.count(count, 'award')}, and the post with them.")
    return _plain(
        f"Revoked: {text.count(count, 'award')} of this bulk award. They stay in the history."
    )


def discarded() -> Message:
    """The admin did not want it."""
    return _plain("Discarded: nothing was awarded.")


def _plain(words: str) -> Message:
    return Message(words, [blocks.section(words)])


def _by_badge(given: Mapping[BadgeRow, int], room: int) -> list[str]:
    if len(given) < 2:
        return []
    most = sorted(given.items(), key=lambda one: (-one[1], one[0].name))
    lines = [
        f"• {brief_bold(badge.name, room)}: {count:,}" for badge, count in most[:_BADGES_SHOWN]
    ]
    left = len(most) - _BADGES_SHOWN
    return [*lines, *([f"• and {text.count(left, 'more badge')}"] if left > 0 else [])]


def _first(first: Sequence[Shown], total: int, room: int) -> list[str]:
    lines = [_named(one, room) for one in first]
    left = total - len(first)
    return [*lines, *([f"… and {left:,} more"] if left > 0 and lines else [])]


def _held(held: Sequence[Shown], room: int) -> list[str]:
    if not held:
        return []
    lines = [_named(one, room) for one in held[:_HELD_SHOWN]]
    left = len(held) - _HELD_SHOWN
    more = [f"… and {left:,} more"] if left > 0 else []
    return [f"*Held already* ({len(held):,}), nothing changes:", *lines, *more]


def _refused(plan: Plan, room: int) -> list[str]:
    if not plan.refused:
        return []
    shown = plan.refused[:REFUSED_SHOWN]
    lines = [f"• {brief(text.without_code(str(one)), max(200, room))}" for one in shown]
    left = len(plan.refused) - len(shown)
    more = [f"… and {left:,} more, in the file below"] if left > 0 else []
    return [f"*Left out* ({len(plan.refused):,}):", *lines, *more]


def _named(one: Shown, room: int) -> str:
    # A mention, and not a name, which would outlast the erasure of who it is; it pings nobody there.
    who = text.mention(one.person) if one.person.slack_id else text.name(one.person, room)
    what = f"• {who}: {brief_bold(one.badge.name, room)}"
    line = f" (line {one.line:,})" if one.line else ""
    return f"{what}{', private' if one.private else ''}{line}"


def left_out(plan: Plan) -> str:
    """Everything that is left out, as a text file."""
    held = [
        f"{f'Line {one.line:,}: ' if one.line else ''}{text.named(one.person.name)}"
        f" holds {text.named(one.badge.name)} already."
        for one in plan.held
    ]
    return "\n".join([*(text.without_code(str(one)) for one in plan.refused), *held]) + "\n"


def digest(
    given: Sequence[tuple[BadgeRow, int, int]],
    named: Mapping[BadgeRow, Sequence[PersonRow]],
    *,
    giver: PersonRow | None,
    reason: str,
    card: Source,
) -> Post:
    """The one post about awards to many: of each badge how many stand and how many were revoked.

    `named`: recipients of each, of whom as many are mentioned as Slack takes; the others are counted.
    """
    standing = [(badge, count) for badge, count, _revoked in given if count]
    revoked = sum(count for _badge, _standing, count in given)
    pictures = [
        blocks.picture(source, text.badge_alt_text(badge, described=True))
        for badge, _count in standing[:1]
        if (source := card(badge))
    ]

    def build(room: int, mentioned: int) -> list[Block]:
        lines = []
        for badge, count in standing[:_BADGES_SHOWN]:
            people = named.get(badge, ())[:mentioned]
            mentioned -= len(people)
            lines += _received(badge, count, people, room)
        rest = standing[_BADGES_SHOWN:]
        if rest:
            count = sum(number for _badge, number in rest)
            lines.append(
                f"And {text.count(count, 'more award')} of {text.count(len(rest), 'badge')}."
            )
        if revoked:
            lines.append(f"{text.count(revoked, 'award')} {_was(revoked)} revoked since.")
        said = sections(lines)
        if reason and standing:
            said.append(blocks.section(text.quote(reason)))
        return [*said, *pictures, blocks.context(f"From {text.name(giver, room)}")]

    made = fitted(
        lambda room: build(room, MENTIONED), lambda room: build(room, MENTIONED // 60 * room)
    )
    return Post(words_of(made), made, without_pictures(made))


def _received(badge: BadgeRow, count: int, people: Sequence[PersonRow], room: int) -> list[str]:
    """Who received a badge, in lines of which none is longer than a section takes."""
    others = count - len(people)
    if not people:
        return [f"{text.count(count, 'colleague')} received {brief_bold(badge.name, room)}"]
    who = [text.mention(person) for person in people]
    if others:
        who.append(text.count(others, "other"))
    lines = []
    while len(who) > 100:
        lines.append(", ".join(who[:100]) + ",")
        who = who[100:]
    return [*lines, f"{text.in_words(who)} received {brief_bold(badge.name, room)}"]


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
