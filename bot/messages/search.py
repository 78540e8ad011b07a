"""The views in which badge admins search awards, revoke and correct them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from bot import parsing
from bot.gifts import REASON_LIMIT
from bot.messages import award_form, blocks, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold
from bot.messages.message import Message
from bot.payloads import id_in, kept_in
from bot.searching import Asked, Found, Line
from storage.badges import BadgeRow
from storage.people import PersonRow

FORM = "search_form"
RECIPIENT, BADGE, GIVER = "search_recipient", "search_badge", "search_giver"
SINCE, UNTIL = "search_since", "search_until"
OPEN = "search_open"  # in the Studio
TURN, ANEW, MENU = "search_turn", "search_anew", "search_menu"
REVOKE, REVOKE_ALL = "search_revoke", "search_revoke_all"
CORRECT_REASON, CORRECT_BADGE = "search_correct_reason", "search_correct_badge"
REASON, NEW_BADGE = "search_reason", "search_new_badge"
_NAME, _REASON = 100, 300  # characters shown of each

_MENU = {
    REVOKE: "Revoke…",
    CORRECT_REASON: "Correct the reason…",
    CORRECT_BADGE: "Correct the badge…",
    REVOKE_ALL: "Revoke the whole bulk award…",
}


class About(NamedTuple):
    """Which award a view is about, and the search that it was found by."""

    award_id: UUID
    asked: str

    def kept(self) -> str:
        """As the view's private metadata."""
        return json.dumps({"award": self.award_id.hex, "asked": self.asked})

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "About":
        """From a view that Slack sent back. Raises BadRequestError for what we never wrote."""
        kept = kept_in(view.get("private_metadata"))
        return cls(id_in(kept.get("award")), str(kept.get("asked")))


def form(asked: Asked, *, badge: BadgeRow | None = None) -> Block:
    """What to search for; everything may be left out."""
    who: Block = {"type": "users_select", "action_id": RECIPIENT}
    giver: Block = {"type": "users_select", "action_id": GIVER}
    since: Block = {"type": "datepicker", "action_id": SINCE}
    until: Block = {"type": "datepicker", "action_id": UNTIL}
    what = blocks.badge_choice(BADGE)
    for element, key, value in (
        (who, "initial_user", asked.recipient),
        (giver, "initial_user", asked.giver),
        (since, "initial_date", asked.since),
        (until, "initial_date", asked.until),
    ):
        if value:
            element[key] = value
    if badge is not None:
        what["initial_option"] = award_form.badge_options([badge])[0]
    return _modal(
        [
            blocks.field("Who received it", who),
            blocks.field("Badge", what),
            blocks.field("Who gave it", giver, "Choose Laurel for what it awards by itself."),
            blocks.field("From", since),
            blocks.field("To", until),
        ],
        callback_id=FORM,
        submit="Search",
    )


def read(view: Mapping[str, Any]) -> Asked:
    """What stands in the form."""
    values = blocks.entered(view)
    badge = values.get(BADGE, {}).get("selected_option")
    return Asked(
        recipient=values.get(RECIPIENT, {}).get("selected_user") or "",
        badge=badge["value"] if badge else "",
        giver=values.get(GIVER, {}).get("selected_user") or "",
        since=values.get(SINCE, {}).get("selected_date") or "",
        until=values.get(UNTIL, {}).get("selected_date") or "",
    )


def results(found: Found) -> Block:
    """A page of what was found, with a menu beside each award."""
    said = [blocks.context(_summary(found))]
    said += [_entry(line, found) for line in found.lines]
    if not found.lines:
        said.append(blocks.section("Nothing found. Leave something out, and search again."))
    turn = [
        blocks.button(label, f"{TURN}_{way}", value=value)
        for label, way, value in (("Newer", "newer", found.newer), ("Older", "older", found.older))
        if value
    ]
    said.append(blocks.actions([*turn, blocks.button("New search", ANEW)]))
    return _modal(said, kept=found.asked.kept())


def revoke_form(line: Line, about: About, *, everything: bool = False, count: int = 0) -> Block:
    """Why an award, or all of its bulk award, is revoked."""
    if everything:
        note = (
            f"All {text.count(count, 'award')} of this bulk award that still stand are revoked; they"
            " stay in the history, and the post says so."
        )
    else:
        note = "It stays in the history, and the post and the message say so."
    return _modal(
        [blocks.section(_line(line)), blocks.context(note), _reason("Why", "")],
        callback_id=REVOKE_ALL if everything else REVOKE,
        submit="Revoke",
        kept=about.kept(),
    )


def reason_form(line: Line, about: About) -> Block:
    """Another reason for an award."""
    return _modal(
        [blocks.section(_line(line)), _reason("Reason", line.award.reason)],
        callback_id=CORRECT_REASON,
        submit="Correct",
        kept=about.kept(),
    )


def badge_form(line: Line, about: About) -> Block:
    """Another badge for an award."""
    element = blocks.badge_choice(NEW_BADGE)
    note = "Its id, day and reason stay. The post and the message say the new badge."
    chosen = blocks.field("Badge", element, optional=False)
    return _modal(
        [blocks.section(_line(line)), chosen, blocks.context(note)],
        callback_id=CORRECT_BADGE,
        submit="Correct",
        kept=about.kept(),
    )


def typed_reason(view: Mapping[str, Any]) -> str:
    """The reason that stands in a form."""
    return parsing.typed(blocks.entered(view)[REASON].get("value") or "")


def chosen_badge(view: Mapping[str, Any]) -> UUID:
    """The badge that stands in a form. Raises BadRequestError for what it cannot hold."""
    option = blocks.entered(view)[NEW_BADGE].get("selected_option") or {}
    return id_in(option.get("value"))


def done(message: Message) -> Block:
    """The view that says what came of it."""
    return _modal(message.blocks)


def _summary(found: Found) -> str:
    asked, parts = found.asked, []
    if asked.recipient:
        parts.append(f"received by {_who(found.recipient)}")
    if asked.badge:
        parts.append(brief_bold(found.badge.name, _NAME) if found.badge else "an unknown badge")
    if asked.giver:
        parts.append(f"given by {_who(found.giver)}")
    if asked.since:
        parts.append(f"from {text.escape(asked.since)}")
    if asked.until:
        parts.append(f"to {text.escape(asked.until)}")
    return f"Awards: {', '.join(parts)}" if parts else "All awards, the latest first"


def _who(person: PersonRow | None) -> str:
    return text.name(person, _NAME) if person else "somebody I don’t know"


def _entry(line: Line, found: Found) -> Block:
    award = line.award
    words = f"{_line(line)} · {text.date_for(award.awarded_at, found.reader)}"
    words += "\n" + " · ".join([f"From {text.name(line.giver, _NAME)}", *_state(line, found)])
    if award.reason:
        words += f"\n> {brief(award.reason, _REASON)}"
    if award.revoked_at is not None:
        return blocks.section(words)
    kinds = [kind for kind in _MENU if kind != REVOKE_ALL or line.of_many]
    menu: Block = {
        "type": "overflow",
        "action_id": f"{MENU}_{award.id.hex}",  # one of its own in the view
        "options": [
            {"text": blocks.plain(_MENU[kind], 75), "value": f"{kind}:{award.id.hex}"}
            for kind in kinds
        ],
    }
    return blocks.section(words, accessory=menu)


def _line(line: Line) -> str:
    who, what = text.name(line.recipient, _NAME), brief_bold(line.badge.name, _NAME)
    return f"{who}: {what} · `{line.award.code}`"


def _state(line: Line, found: Found) -> list[str]:
    award, marks = line.award, []
    if award.private:
        marks.append("private")
    if line.of_many:
        marks.append("to many at once")
    if award.revoked_at is not None:
        on = text.date_for(award.revoked_at, found.reader)
        why = f": {brief(award.revoke_reason, _REASON)}" if award.revoke_reason else ""
        marks.append(f"revoked by {text.name(line.revoker, _NAME)} on {on}{why}")
    elif award.is_over(found.now):
        marks.append("expired")
    return marks


def _reason(label: str, initial: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": REASON,
        "max_length": REASON_LIMIT,
        "multiline": True,
    }
    if initial:
        element["initial_value"] = initial
    return blocks.field(label, element)


def _modal(
    said: list[Block], *, callback_id: str = "search_results", submit: str = "", kept: str = ""
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": blocks.plain("Awards", 24),
        "close": blocks.plain("Close", 24),
        "private_metadata": kept,
        "blocks": said,
    }
    return view | {"submit": blocks.plain(submit, 24)} if submit else view
