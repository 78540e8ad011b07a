"""Anniversaries in Settings: every policy with its value, its form, and what a change would change."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot import policy_words
from bot.errors import BadRequestError
from bot.home_frame import Place
from bot.messages import blocks, days, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief
from bot.messages.policy_changes import TITLES, change_words, together_words
from bot.messages.policy_values import (
    OWN_WORDS,
    hint,
    label_of,
    length_words,
    options,
    sentence,
    typed,
    value_words,
)
from bot.messages.settings_forms import field, modal, notice, values
from bot.payloads import OUT_OF_DATE, kept_in
from bot.policy_preview import Preview
from bot.policy_words import MOST_MESSAGE, Entry
from bot.tenure import Policies
from storage.people import PersonRow

POLICY_EDIT = "settings_policy_"  # the action of a button that opens a policy's form
POLICY_FORM, POLICY_SAVE = "settings_policy_form", "settings_policy_save"

NAMES = {
    "lengths": "Milestones",
    "weekend": "Weekends",
    "holidays": "Public holidays",
    "quiet": "Quiet days",
    "leap_day": "29 February",
    "rehire": "Coming back",
    "subtract_leave": "Unpaid leave",
    "hour": "Hour",
    "person_timezone": "Each person’s timezone",
    "guests": "Guests",
    "unless_chosen": "Unless people choose",
    "belated_days": "Told belatedly",
    "past": "Milestones already past",
    "digest_above": "One post for many",
    "reminder_days": "Reminding managers",
    "sources": "Trusted start dates",
}
_LENGTH_PARTS = ("badge", "message", "feed")
_SHOWN = 5  # changes of each kind
_MOST_WRITTEN = 1000
_VALUE_ROOM = 300
_CHANNEL = re.compile(r"#([CG][A-Z0-9]{5,})")


def policies_blocks(policies: Policies) -> list[Block]:
    """Every policy with a button that changes it, then each length."""
    entries = policy_words.entries(policies)
    said = [_policy(one) for one in entries if not one.about_length]
    by_length: dict[str, list[Entry]] = {}
    for one in entries:
        if one.about_length:
            by_length.setdefault(one.name.rpartition(".")[0], []).append(one)
    return [
        *said,
        blocks.divider(),
        blocks.section(text.bold("Each milestone")),
        *(_length(name, own) for name, own in by_length.items()),
    ]


def hour_block(policies: Policies) -> Block:
    """The hour at which Laurel celebrates, which is asked for among the general settings too."""
    return next(_policy(one) for one in policy_words.entries(policies) if one.name == "hour")


def _policy(entry: Entry) -> Block:
    said = (
        f"{text.bold(NAMES[entry.name])}: {_words(entry.name, entry.shown)}\n"
        f"{text.escape(sentence(entry))} Default: {_words(entry.name, entry.default_shown)}."
    )
    button = blocks.button("Change", f"{POLICY_EDIT}{entry.name}", value=entry.name)
    return blocks.section(said, accessory=button)


def _length(name: str, own: Sequence[Entry]) -> Block:
    values = {one.name.rpartition(".")[2]: one for one in own}
    said = (
        f"{text.bold(_length_name(name))} · badge {_badge(values['badge'])} · "
        f"{'in the feed' if values['feed'].value else 'told to the person alone'}\n"
        f"{brief(values['message'].value or f'In {OWN_WORDS}', _VALUE_ROOM)}"
    )
    button = blocks.button("Change", f"{POLICY_EDIT}{name}", value=name)
    return blocks.section(said, accessory=button)


def _badge(entry: Entry) -> str:
    return f"`{brief(entry.shown, 80)}`" if " " not in entry.shown else brief(entry.shown, 80)


def _length_name(name: str) -> str:
    return text.sentence_case(length_words(name))


def _words(name: str, written: str) -> str:
    return brief(value_words(name, written), _VALUE_ROOM)


def title_of(name: str) -> str:
    """What a policy, or a length, is called."""
    return NAMES.get(name) or _length_name(name)


def policy_form(policies: Policies, name: str, place: Place) -> Block | None:
    """The form of a policy or of a length; None where there is no such one (any more)."""
    entries = {one.name: one for one in policy_words.entries(policies)}
    kept = _kept({"name": name}, place)
    if name in entries:
        entry = entries[name]
        label = label_of(entry) or NAMES.get(name, name)
        said = [
            blocks.section(text.escape(sentence(entry))),
            _field(label, entry, block_id=name),
        ]
        return _form(name, said, kept)
    own = [entries.get(f"{name}.{part}") for part in _LENGTH_PARTS]
    if None in own:
        return None
    fields = [_field(one.sentence, one, block_id=one.name.rpartition(".")[2]) for one in own if one]
    return _form(name, fields, kept)


def _form(name: str, said: Sequence[Block], kept: str) -> Block:
    title = text.shorten(title_of(name), 24)
    return modal(title, said, kept=kept, submit="Preview") | {"callback_id": POLICY_FORM}


def _field(label: str, entry: Entry, *, block_id: str) -> Block:
    part = entry.name.rpartition(".")[2] if entry.about_length else ""
    choices = {"on": "On", "off": "Off"} if part == "feed" else options(entry.name)
    if choices:
        every = [blocks.option(words, value) for value, words in choices.items()]
        chosen = next(one for one in every if one["value"] == entry.shown)
        element: Block = {
            "type": "static_select",
            "options": every,
            "initial_option": chosen,
        }
        return field(label, element, block_id=block_id)
    message = part == "message"
    element = {
        "type": "plain_text_input",
        "max_length": MOST_MESSAGE if message else _MOST_WRITTEN,
        "multiline": message,
    }
    written = entry.value if entry.about_length else typed(entry)
    if written:
        element["initial_value"] = str(written)[: element["max_length"]]
    return field(label, element, block_id=block_id, hint=text.shorten(hint(entry), 150))


def read_policy_form(view: Mapping[str, Any]) -> tuple[str, dict[str, str | None]]:
    """What a form is of, and what it would have each policy say; None: its default."""
    name = str(kept_in(view.get("private_metadata")).get("name", ""))
    written = {block_id: _written(value) for block_id, value in values(view).items()}
    if list(written) == [name]:
        return name, written
    return name, {f"{name}.{part}": value for part, value in written.items()}


def _written(value: Mapping[str, Any]) -> str | None:
    chosen = (value.get("selected_option") or value).get("value")
    words = str(chosen or "").strip()
    return words or None


def field_at_fault(name: str, policy: str) -> str:
    """The field of a form in which a policy is."""
    return policy if policy == name else policy.rpartition(".")[2]


def reckoning(name: str) -> Block:
    """What shows while a preview is worked out."""
    return notice(
        text.shorten(title_of(name), 24),
        [blocks.section("One moment, I’m going through the next eight weeks…")],
    )


def preview_view(
    name: str,
    changes: Mapping[str, str | None],
    difference: Mapping[str, Mapping[str, str | None]],
    seen: Preview,
    place: Place,
    *,
    reader: PersonRow,
    today: date,
) -> Block:
    """What a change would change, with the button that makes it."""
    said = [blocks.section("\n".join(_difference(difference)))]

    def in_words(day: date) -> str:
        return days.weekday(day, reader, today=today)

    until = in_words(seen.until)
    if seen.changes:
        said.append(blocks.section(f"Celebrations until {until} that would change:"))
    else:
        said.append(blocks.section(f"No celebration until {until} moves, is added or dropped."))
    for kind, title in TITLES.items():
        found = seen.of(kind)
        if found:
            lines = [
                f"• {_linked(change_words(one, in_words, brief, OWN_WORDS))}"
                for one in found[:_SHOWN]
            ]
            if len(found) > _SHOWN:
                lines.append(f"… and {len(found) - _SHOWN:,} more")
            heading = f"{text.bold(title)} · {len(found):,}"
            said.append(blocks.section("\n".join([heading, *lines])))
    if seen.together:
        lines = [f"• {together_words(one, in_words)}" for one in seen.together[:_SHOWN]]
        if len(seen.together) > _SHOWN:
            lines.append(f"… and {len(seen.together) - _SHOWN:,} more")
        said.append(blocks.section("\n".join([text.bold("Digests"), *lines])))
    said.append(blocks.context("What was recorded before stays as it is."))
    kept = _kept({"changes": dict(changes)}, place)
    title = text.shorten(title_of(name), 24)
    return modal(title, said, kept=kept) | {"callback_id": POLICY_SAVE}


def _difference(difference: Mapping[str, Mapping[str, str | None]]) -> list[str]:
    return [
        f"{text.bold(policy_name(name))}: {_side(name, said['from'])} → {_side(name, said['to'])}"
        for name, said in list(difference.items())[:_SHOWN]
    ]


def _side(name: str, value: str | None) -> str:
    return _words(name, value) if value else "—"


def policy_name(name: str) -> str:
    """What a policy is called, one about a length too: `30 days, badge`."""
    head, dot, part = name.rpartition(".")
    return f"{_length_name(head)}, {part}" if dot else NAMES.get(name, name)


def _linked(words: str) -> str:
    return _CHANNEL.sub(r"<#\1>", words)


def read_changes(view: Mapping[str, Any]) -> dict[str, str | None]:
    """The changes that a preview showed. Raises BadRequestError."""
    said = kept_in(view.get("private_metadata")).get("changes")
    if not isinstance(said, dict):
        raise BadRequestError(OUT_OF_DATE)
    return {str(name): None if value is None else str(value) for name, value in said.items()}


def _kept(said: Mapping[str, Any], place: Place) -> str:
    return json.dumps({**said, "place": place.kept()}, separators=(",", ":"), ensure_ascii=False)


def read_place(view: Mapping[str, Any]) -> str:
    """Where in Home a form was opened, as it is kept in the view."""
    return str(kept_in(view.get("private_metadata")).get("place", ""))


def said(sentence: str) -> list[Block]:
    """A plain sentence as blocks."""
    return [blocks.section(text.escape(sentence))]
