"""Profiles and histories in words: who holds what, from whom, when and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold, fitted
from bot.messages.message import Message
from bot.messages.paging import BY_TIME, actions, place, turning
from bot.profiles import History, Line, Profile
from storage.people import PersonRow

_PROFILE, _HISTORY = "profile", "history"
PROFILE_TURNS = actions(BY_TIME, _PROFILE)
PROFILE_SHARE = "profile_share"
HISTORY_TURNS = actions(BY_TIME, _HISTORY)
AWARD_HIDE = "award_hide"
AWARD_UNHIDE = "award_unhide"

_LISTED = 24  # badges named under the picture
_LIST_ROOM = 1200  # characters


class _Marks(NamedTuple):
    """Whether something that not everyone sees is on a page."""

    private: bool
    hidden: bool


def profile_message(profile: Profile, picture: Block | None) -> Message:
    """A page of a profile for one reader; `picture` is where Slack finds the trophy case, if it does."""
    if not profile.case.awards:
        return _empty(profile, picture)
    said = fitted(lambda room: _profile_blocks(profile, picture, room))
    return Message(f"{_title(profile, 255)} · {totals(profile)}", said)


def shared_profile(profile: Profile, picture: Block | None, sharer: PersonRow) -> Message:
    """A profile for everyone in a channel: nobody is pinged by it."""

    def build(room: int) -> list[Block]:
        by = f"Shared by {brief(sharer.name, room)} · `/badges` shows your own"
        return [*_top(profile, picture, room), *entries(profile, room), blocks.context(by)]

    return Message(f"{_title(profile, 255)} · {totals(profile)}", fitted(build))


def trophy_case_message(profile: Profile, picture: Block) -> Message:
    """The trophy case alone, where the words of the profile were there first."""
    shown = blocks.picture(picture, profile.case.alt_text)
    return Message(f"{_title(profile, 255)}, in one picture", [shown])


def history_message(history: History) -> Message:
    """All awards one was ever given, with their ids and buttons to hide them."""
    if not history.lines:
        words = (
            "Nobody has awarded you a badge yet, so there is no history."
            " `/badges catalog` shows what there is to earn."
        )
        return Message(words, [blocks.section(words)])
    heading = f"{text.bold('All awards you were given')} · {history.total:,}"

    def build(room: int) -> list[Block]:
        said = [blocks.section(heading)]
        said += [_history_entry(line, history, room) for line in history.lines]
        number, of = history.page.number, history.page.of
        buttons = turning(number, of, BY_TIME, _HISTORY)
        if buttons:
            said += [blocks.actions(buttons), *place(number, of)]
        return [*said, *legend(history.lines)]

    return Message(heading, fitted(build))


def hidden_message(line: Line, *, hidden: bool, now: datetime) -> Message:
    """Say that an award is hidden from the profile now, or shown again."""
    badge, code = brief_bold(line.badge.name, 255), line.award.code
    if line.award.revoked_at is not None or line.award.is_over(now):
        gone = "was revoked" if line.award.revoked_at is not None else "has expired"
        words = f"{badge} ({code}) {gone}, so it does not show on your profile anyway."
    elif hidden:
        words = (
            f"Hidden: only you see {badge} ({code}) on your profile now."
            f" `/badges unhide {code}` shows it again."
        )
    else:
        words = f"{badge} ({code}) shows on your profile again."
        if line.award.private:
            words += " It is private: only you, whoever gave it and badge admins see it."
    return Message(words, [blocks.section(words)])


def _profile_blocks(profile: Profile, picture: Block | None, room: int) -> list[Block]:
    page = profile.page
    buttons = turning(*page, BY_TIME, _PROFILE, subject=f"{profile.owner.id.hex}:")
    buttons.append(blocks.button("Share here", PROFILE_SHARE, value=profile.owner.id.hex))
    return [
        *_top(profile, picture, room),
        *entries(profile, room),
        blocks.actions(buttons),
        *place(*page),
        *legend(profile.lines),
    ]


def _top(profile: Profile, picture: Block | None, room: int) -> list[Block]:
    """Whose badges these are, how many, which, and the picture of them."""
    said = [blocks.section(f"{_title(profile, room)}\n{totals(profile)}")]
    if picture is not None:
        alt_text = text.shorten(profile.case.alt_text, max(4 * room, 150))
        said.append(blocks.picture(picture, alt_text))
    said.append(blocks.context(listing(profile, room)))
    return said


def entries(profile: Profile, room: int) -> list[Block]:
    """The awards of a page of a profile."""
    return [blocks.section(_entry(line, profile.reader, room)) for line in profile.lines]


def _title(profile: Profile, room: int) -> str:
    if profile.is_own:
        return text.bold("Your badges")
    return f"*{text.name(profile.owner, room)}’s badges*"


def totals(profile: Profile) -> str:
    """How many badges, and how many awards where those are more."""
    case = profile.case
    badges = text.count(case.badges, "badge")
    if case.awards == case.badges:
        return badges
    return f"{badges}, {text.count(case.awards, 'award')}"


def listing(profile: Profile, room: int) -> str:
    """The badges by name, the latest first; what there is no room for is counted."""
    case, length = profile.case, 0
    names: list[str] = []
    for trophy in case.trophies[:_LISTED]:
        name = brief(trophy.name, min(room, 255)) + text.times(trophy.count)
        length += len(name) + 3
        if names and length > _LIST_ROOM:
            break
        names.append(name)
    left = case.badges - len(names)
    return " · ".join(names) + (f" · and {left:,} more" if left else "")


def _entry(line: Line, reader: PersonRow | None, room: int) -> str:
    """One award: what, from whom, when, and why."""
    award = line.award
    parts = [brief_bold(line.badge.name, min(room, 255)), _giver(line, reader, room)]
    # In a channel Slack itself writes the date, for each reader in their own timezone and language.
    parts.append(
        text.date_for(award.awarded_at, reader) if reader else text.date_for_all(award.awarded_at)
    )
    if line.evidence_url:
        parts.append(f"<{text.escape(line.evidence_url)}|what for>")
    if _gave(line, reader):
        parts.append(f"`{award.code}`")  # which its giver needs to revoke it
    parts += _mark_words(line)
    return " · ".join(parts) + _reason(award.reason, room)


def _history_entry(line: Line, history: History, room: int) -> Block:
    award, owner = line.award, history.owner
    given = text.date_for(award.awarded_at, owner)
    parts = [
        brief_bold(line.badge.name, min(room, 255)),
        _giver(line, owner, room),
        given,
        f"`{award.code}`",
        *_mark_words(line),
    ]
    words = " · ".join(parts) + _reason(award.reason, room)
    if award.revoked_at is not None:
        by = brief(line.revoker.name, room) if line.revoker else "Laurel"
        words += f"\nRevoked by {by} on {text.date_for(award.revoked_at, owner)}"
        words += f": {brief(award.revoke_reason, room)}" if award.revoke_reason else "."
        return blocks.section(words)
    if award.expires_at is not None and award.expires_at <= history.now:
        words += f"\nExpired on {text.date_for(award.expires_at, owner)}."
        return blocks.section(words)
    label, action = ("Show again", AWARD_UNHIDE) if award.hidden else ("Hide", AWARD_HIDE)
    value = f"{award.code}:{history.page.number}"
    return blocks.section(words, accessory=blocks.button(label, action, value=value))


def _giver(line: Line, reader: PersonRow | None, room: int) -> str:
    if line.giver is None:
        return "from Laurel"
    return "from you" if _gave(line, reader) else f"from {brief(line.giver.name, room)}"


def _gave(line: Line, reader: PersonRow | None) -> bool:
    return reader is not None and line.giver is not None and line.giver.id == reader.id


def _reason(reason: str, room: int) -> str:
    return f"\n> {brief(reason, room)}" if reason else ""


def _mark_words(line: Line) -> list[str]:
    marks = ["_private_"] if line.award.private else []
    return [*marks, "_hidden_"] if line.award.hidden else marks


def _marks(lines: Sequence[Line]) -> _Marks:
    return _Marks(
        any(line.award.private for line in lines), any(line.award.hidden for line in lines)
    )


def legend(lines: Sequence[Line]) -> list[Block]:
    """What the marks on these awards mean, where there are any."""
    marks = _marks(lines)
    words = []
    if marks.private:
        words.append("Private: seen only by who received it, who gave it, and badge admins.")
    if marks.hidden:
        words.append("Hidden: seen only by you.")
    return [blocks.context(" ".join(words))] if words else []


def no_collector(profile: Profile) -> str:
    """Why somebody has no badges who receives none, as mrkdwn."""
    they = "people from other workspaces" if profile.owner.stranger else "guests"
    if profile.is_own:
        return (
            f"{text.sentence_case(they)} don’t collect badges here, so you have none."
            " `/badges @name` shows a colleague’s."
        )
    return f"{text.name(profile.owner)} has no badges: {they} don’t collect any here."


def _empty(profile: Profile, picture: Block | None) -> Message:
    if not profile.collects:
        words = no_collector(profile)
    elif profile.is_own:
        words = (
            "You have no badges yet. `/badges catalog` shows what there is to earn;"
            " your first one will show here."
        )
    else:
        words = (
            f"{text.name(profile.owner)} has no badges yet."
            " Did they do something worth one? `/award` opens a form."
        )
    said = [blocks.section(words)]
    if picture is not None and profile.collects:
        said.append(blocks.picture(picture, profile.case.alt_text))
    return Message(words, said)
