"""The forms of single settings: their modals, and what stands in a submitted one."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import BadRequestError
from bot.grants import Grant, Limit
from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.settings import ROLE_NAMES
from bot.payloads import Said, kept_in
from bot.settings import Settings
from bot.workspace_settings import Item

FORM = "settings_form"
DONE = "settings_done"
FEED_JOIN, FEED_CHECK = "settings_feed_join", "settings_feed_check"
TIMEZONE = "settings_timezone"
VALUE = "settings_value_"

_NO_FEED = "no_feed"
_WHO, _MANAGERS, _PEOPLE, _GROUPS = "who", "managers", "people", "groups"
_DENIED_PEOPLE, _DENIED_GROUPS = "denied_people", "denied_groups"
_MOST_PEOPLE = 100
_GROUP = re.compile(r"(?:<!subteam\^)?(S[A-Z0-9]{2,20})(?:\|[^>]*>|>)?")


class FieldError(BadRequestError):
    """What stands in one field cannot be; `block_id` is the field's."""

    def __init__(self, block_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.block_id = block_id


@dataclass(frozen=True)
class Filled:
    """A grant as a form has it; `handles` and `denied_handles` are groups whose ids Slack knows."""

    grant: Grant
    handles: tuple[str, ...] = ()
    denied_handles: tuple[str, ...] = ()

    def with_ids(self, ids: Mapping[str, str]) -> Grant:
        """The grant, once the ids of all handles are known."""
        return replace(
            self.grant,
            groups=self.grant.groups | {ids[one] for one in self.handles},
            denied_groups=self.grant.denied_groups | {ids[one] for one in self.denied_handles},
        )


def modal(title: str, said: Sequence[Block], *, kept: str = "", submit: str = "Save") -> Block:
    """A form with a button that sends it."""
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": blocks.plain(title, 24),
        "submit": blocks.plain(submit, 24),
        "close": blocks.plain("Cancel", 24),
        "private_metadata": kept,
        "blocks": list(said),
    }


def notice(title: str, said: Sequence[Block], *, kept: str = "") -> Block:
    """A view that only says something."""
    return {
        "type": "modal",
        "callback_id": DONE,
        "title": blocks.plain(title, 24),
        "close": blocks.plain("Close", 24),
        "private_metadata": kept,
        "blocks": list(said),
    }


def field(label: str, element: Block, *, block_id: str, hint: str = "") -> Block:
    """A field that may be left empty."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": blocks.plain(label),
        "element": {"action_id": f"{VALUE}{block_id}", **element},
        "optional": True,
    }
    if hint:
        made["hint"] = blocks.plain(hint)
    return made


def kept(name: str, place: Place) -> str:
    """What a form keeps: which setting it is of, and where in Home it was opened."""
    return json.dumps({"name": name, "place": place.kept()}, separators=(",", ":"))


def read_kept(view: Mapping[str, Any]) -> tuple[str, Place]:
    """The same, out of a view that Slack sent back."""
    said = kept_in(view.get("private_metadata"))
    return str(said.get("name", "")), Place.read(str(said.get("place", "")))


def form(
    item: Item,
    settings: Settings,
    place: Place,
    *,
    note: str = "",
    names: Mapping[str, str] | None = None,
) -> Block:
    """The form of a setting as it is; `note` is said above it, plain.

    `names`: what Slack calls its user groups, by their ids, as far as that is known. Raises BadRequestError for what is decided by a menu.
    """
    value = getattr(settings, item.name)
    match item.kind:
        case "channel":
            fields = _channel(value)
        case "timezone":
            fields = _timezone(value)
        case "limits":
            fields = _limits(value)
        case "grant":
            fields = _grant(Filled(value), everyone=item.name == "awarders", names=names or {})
        case _:
            raise BadRequestError("That has a menu of its own now. Please open Home again.")
    above = [blocks.section(text.escape(note))] if note else []
    return modal(
        item.title,
        [*above, blocks.section(item.sentence), *fields],
        kept=kept(item.name, place),
    )


def grant_form(item: Item, filled: Filled, place: Place, *, note: str) -> Block:
    """The form of a role once more, as it was filled in, with a word on what is wrong."""
    fields = _grant(filled, everyone=item.name == "awarders", names={})
    return modal(
        item.title,
        [blocks.section(text.escape(note)), *fields],
        kept=kept(item.name, place),
    )


def _channel(value: str) -> list[Block]:
    element: Block = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "placeholder": blocks.plain("Choose a channel"),
    }
    if value and not text.is_channel_id(value):
        # Slack fills in ids only, and nothing chosen must not turn the feed off.
        hint = f"It is #{value} now; please choose it here, or another."
        none = {"type": "checkboxes", "options": [blocks.option("No feed at all", _NO_FEED)]}
        return [
            field("Channel", element, block_id="channel", hint=hint),
            field("Or", none, block_id=_NO_FEED),
        ]
    if value:
        element["initial_conversation"] = value
    hint = "Left empty, there is no feed at all."
    return [field("Channel", element, block_id="channel", hint=hint)]


def _timezone(value: str) -> list[Block]:
    element = {
        "type": "external_select",
        "action_id": TIMEZONE,
        "min_query_length": 2,
        "placeholder": blocks.plain("Type a city, as in Lisbon"),
        "initial_option": blocks.option(value, value),
    }
    return [field("Timezone", element, block_id="timezone")]


def _limits(value: Sequence[tuple[str, Limit]]) -> list[Block]:
    now = {role: f"{limit.most} a {limit.period}" for role, limit in value}
    return [
        field(
            f"{text.sentence_case(name)} award at most",
            _line(now.get(role, ""), "5 a week", 40),
            block_id=role,
            hint="Left empty, as often as they like.",
        )
        for role, name in ROLE_NAMES.items()
    ]


def _grant(filled: Filled, *, everyone: bool, names: Mapping[str, str]) -> list[Block]:
    grant = filled.grant
    choices = {
        "everyone": blocks.option("Everyone", "everyone"),
        "these": blocks.option("Only these, and badge admins", "these"),
    }
    who = {
        "type": "radio_buttons",
        "options": list(choices.values()),
        "initial_option": choices["everyone" if grant.everyone else "these"],
    }
    managers = blocks.option("People managers, as the HR file says", "managers")
    manage: Block = {"type": "checkboxes", "options": [managers]}
    if grant.managers:
        manage["initial_options"] = [managers]
    return [
        *([field("Who", who, block_id=_WHO)] if everyone else []),
        field("Managers", manage, block_id=_MANAGERS),
        field("People", _people(grant.people), block_id=_PEOPLE),
        field(
            "User groups",
            _line(_listed(grant.groups, filled.handles, names), "@platform, @people-team", 1000),
            block_id=_GROUPS,
            hint="Their handles or ids, with commas between.",
        ),
        field("But not these people", _people(grant.denied_people), block_id=_DENIED_PEOPLE),
        field(
            "But not these user groups",
            _line(_listed(grant.denied_groups, filled.denied_handles, names), "@trainees", 1000),
            block_id=_DENIED_GROUPS,
        ),
    ]


def _people(ids: Collection[str]) -> Block:
    # Whoever is in already stays in: an imported setting may name more than a form would take.
    most = max(_MOST_PEOPLE, len(ids))
    element: Block = {"type": "multi_users_select", "max_selected_items": most}
    if ids:
        element["initial_users"] = sorted(ids)
    return element


def _line(value: str, example: str, most: int) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "max_length": most,
        "placeholder": blocks.plain(example),
    }
    if value:
        element["initial_value"] = value[:most]
    return element


def _listed(ids: Collection[str], handles: Collection[str], names: Mapping[str, str]) -> str:
    """Groups as they can be typed: by their handles where these are known, else by their ids."""
    return ", ".join([*sorted(names.get(one, one) for one in ids), *(f"@{one}" for one in handles)])


def values(view: Mapping[str, Any]) -> Said:
    """What stands in each field, by the field's block id."""
    fields = view["state"]["values"].items()
    return Said({block_id: next(iter(held.values())) for block_id, held in fields if held})


def read_channel(view: Mapping[str, Any]) -> str:
    """The channel that was chosen, or "". Raises FieldError where that may not have been meant."""
    said = values(view)
    chosen = str(said["channel"].get("selected_conversation") or "")
    if _NO_FEED in said and bool(chosen) == bool(said[_NO_FEED].get("selected_options")):
        raise FieldError("channel", "Please choose one of the two: a channel, or no feed at all.")
    return chosen


def read_timezone(view: Mapping[str, Any]) -> str | None:
    """The timezone that was chosen; None: none."""
    chosen = values(view)["timezone"].get("selected_option")
    return str(chosen["value"]) if chosen else None


def read_limits(view: Mapping[str, Any]) -> tuple[tuple[str, Limit], ...]:
    """The limits that were written. Raises FieldError."""
    found = []
    for role in ROLE_NAMES:
        written = str(values(view)[role].get("value") or "").strip()
        if not written:
            continue
        try:
            found.append((role, Limit.parse(written)))
        except ValueError as problem:
            raise FieldError(role, str(problem)) from problem
    return tuple(sorted(found))


def read_grant(view: Mapping[str, Any]) -> Filled:
    """Whom a role was given to. Raises FieldError."""
    said = values(view)
    who = (said.get(_WHO, {}).get("selected_option") or {}).get("value")
    groups, handles = _groups(said[_GROUPS].get("value") or "")
    denied, denied_handles = _groups(said[_DENIED_GROUPS].get("value") or "")
    grant = Grant(
        everyone=who == "everyone",
        managers=bool(said[_MANAGERS].get("selected_options")),
        people=frozenset(said[_PEOPLE].get("selected_users") or ()),
        groups=frozenset(groups),
        denied_people=frozenset(said[_DENIED_PEOPLE].get("selected_users") or ()),
        denied_groups=frozenset(denied),
    )
    if grant.everyone and (grant.managers or grant.people or groups or handles):
        raise FieldError(
            _WHO,
            "Everyone is everyone already: leave the other fields empty, or choose “Only these”.",
        )
    return Filled(grant, tuple(handles), tuple(denied_handles))


def _groups(written: str) -> tuple[list[str], list[str]]:
    """The ids and the handles in a list of user groups."""
    ids, handles = [], []
    for word in filter(None, re.split(r"[,;\s]+", written)):
        found = _GROUP.fullmatch(word)
        if found:
            ids.append(found[1])
        else:
            handles.append(word.lstrip("@＠").casefold())
    return ids, list(dict.fromkeys(handles))


def timezone_options(names: Sequence[str]) -> list[Block]:
    """Choices for the type-ahead, at most a hundred."""
    return [blocks.option(name, name) for name in names[:100]]


def checking(item: Item, what: str) -> Block:
    """What shows while Slack is asked."""
    return notice(item.title, [blocks.section(text.escape(what))])


def saved(item: Item, words: str) -> Block:
    """That something is decided; `words` are mrkdwn, escaped already."""
    return notice(item.title, [blocks.section(words)])


def feed_view(item: Item, channel: str, state: str, place: Place) -> Block:
    """How things stand with the channel that was chosen, and what to do where Laurel is not in it."""
    link = text.channel_link(channel)
    match state:
        case "in":
            return saved(item, f"I announce awards and anniversaries in {link} from now on.")
        case "archived":
            words = f"{link} is archived. Unarchive it and check again, or choose another channel."
            button = blocks.button("Check again", FEED_CHECK, value=channel)
        case "outside":
            words = f"I’m not in {link} yet, so I couldn’t post there. Shall I join?"
            button = blocks.button("Join the channel", FEED_JOIN, value=channel, style="primary")
        case _:
            words = (
                f"I can’t see {link}: it is private, and I’m not in it. Please type"
                " `/invite @Laurel` there, then check again."
            )
            button = blocks.button("Check again", FEED_CHECK, value=channel)
    said = [blocks.section(words), blocks.actions([button])]
    return notice(item.title, said, kept=kept(item.name, place))
