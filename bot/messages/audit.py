"""The audit in words: who did what when, a page at a time."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from bot.grants import Limit, parse_grant
from bot.home_frame import Place
from bot.messages import blocks, days, policy_values
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold
from bot.messages.home import go, menu
from bot.messages.settings import grant_words, value_words
from bot.messages.settings_policies import policy_name
from bot.workspace_settings import ITEMS, Item
from storage.audit import Entry
from storage.people import PersonRow

EXPORT = "settings_audit_"  # the action of a button that sends the audit, with the kind of file
PAGE = 12
ALL = "all"  # of the menu of kinds
KINDS = {
    "award": "Awards",
    "bulk": "Awards to many",
    "request": "Requests",
    "badge": "Badges",
    "catalogue": "Catalogue files",
    "role": "Roles",
    "setting": "Settings",
    "anniversaries": "Anniversaries",
    "service": "Start dates",
    "people": "People from HR files",
    "person": "People erased",
    "deliveries": "Messages",
    "audit": "The audit itself",
}

_NAME, _DETAIL = 80, 300  # characters
_VERBS = {
    "award.undone": "took back at once",
    "award.revoked": "revoked",
    "award.corrected": "corrected",
    "request.awarded": "granted a request for",
    "request.declined": "declined a request for",
    "request.held": "settled a request for what was held by then:",
    "bulk.started": "began to award to many",
    "bulk.finished": "finished awarding to many",
    "bulk.undone": "undid an award to many",
    "bulk.revoked": "revoked an award to many",
    "badge.created": "made the badge",
    "badge.edited": "changed the badge",
    "badge.retired": "retired the badge",
    "badge.restored": "brought back the badge",
    "badge.deleted": "deleted the badge",
    "badge.applied_to_past": "gave past awards the new look of the badge",
    "catalogue.imported": "imported badges",
    "role.changed": "changed the role",
    "setting.changed": "changed the setting",
    "anniversaries.policy": "changed the policy about anniversaries",
    "anniversaries.default": "chose what is told of anniversaries for",
    "service.entered": "entered a start date of",
    "service.forgotten": "forgot a start date of",
    "service.ended": "entered a last day of",
    "service.goes_on": "forgot a last day of",
    "service.leave": "entered leave of",
    "service.leave_forgotten": "forgot leave of",
    "people.imported": "imported an HR file",
    "person.erased": "erased somebody",
    "deliveries.retried": "had messages sent again",
    "audit.cleared": "cleared old entries of the audit",
}
_SUBJECTLESS = ("bulk.", "catalogue.", "people.", "person.", "deliveries.", "audit.")
_ABOUT_PEOPLE = ("service.",)
_POLICY = "anniversaries.policy"
# What the audit holds of a setting, by its kind, as the setting itself has it.
_READ: dict[str, Callable[[Any], Any]] = {
    "grant": parse_grant,
    "limits": lambda kept: [(role, Limit.parse(limit)) for role, limit in kept.items()],
}


class AuditPage(NamedTuple):
    """A page of the audit with the people it names; `more`: there are older entries."""

    entries: Sequence[Entry]
    people: Mapping[UUID, PersonRow]
    more: bool


def audit_blocks(page: AuditPage, reader: PersonRow, place: Place) -> list[Block]:
    """A page of the audit with a menu of kinds, ways to older entries, and to a file of it all."""
    options = [blocks.option("Everything", ALL)]
    options += [blocks.option(label, kind) for kind, label in KINDS.items()]
    controls = [
        menu("category", options, chosen=place.category or ALL, hint="Show"),
        blocks.button("Export CSV", f"{EXPORT}csv", value="csv"),
        blocks.button("Export JSON", f"{EXPORT}json", value="json"),
    ]
    said: list[Block] = [
        blocks.actions(controls),
        blocks.context("An export comes as a file in your direct messages with me."),
    ]
    if not page.entries:
        said.append(blocks.section("Nothing of the kind was done yet."))
    said += [blocks.section(_entry(one, page.people, reader)) for one in page.entries]
    buttons = []
    if place.item:
        buttons.append(go("Latest", place.at(item=""), key="latest"))
    if page.more:
        buttons.append(go("Older", place.at(item=page.entries[-1].id.hex), key="older"))
    return [*said, blocks.actions(buttons)] if buttons else said


def _entry(entry: Entry, people: Mapping[UUID, PersonRow], reader: PersonRow) -> str:
    actor = people.get(entry.actor_id) if entry.actor_id else None
    who = actor.name if actor else "someone" if entry.actor_id else "Laurel"
    verb = _VERBS.get(entry.action) or entry.action.replace(".", ": ").replace("_", " ")
    line = f"{brief_bold(who, _NAME)} {verb}{_subject(entry, people)}"
    small = days.moment(entry.at, reader)
    return "\n".join(filter(None, (line, _detail(entry), f"_{small}_")))


def _detail(entry: Entry) -> str:
    """What more there is to say of it, as mrkdwn: a setting as Settings has it."""
    item, said = ITEMS.get(entry.subject), json.loads(entry.detail) if entry.detail else {}
    if item is not None and isinstance(said, dict) and set(said) == {"from", "to"}:
        return f"{_decided(item, said['from'])} → {_decided(item, said['to'])}"
    if entry.action == _POLICY:
        return brief(_policies(entry, said), _DETAIL)
    if entry.action == "badge.edited" and "awarders" in said.get("to", {}):
        before, after = (said[side].pop("awarders") for side in ("from", "to"))
        who = f"Who may award it: {_awarders(before)} → {_awarders(after)}"
        return f"{who}\n{brief(detail_words(said), _DETAIL)}"
    return brief(detail_words(said), _DETAIL)


def _awarders(kept: str | None) -> str:
    """Who may award a badge, as mrkdwn; people and groups as Slack shows them, by their ids."""
    return grant_words(parse_grant(kept), "only badge admins") if kept else "as the workspace"


def _policies(entry: Entry, said: Mapping[str, Any]) -> str:
    """What policies said and say, plain, as Settings has it."""
    if set(said) == {"from", "to"}:
        return _from_to("unless_chosen", said)
    return "; ".join(f"{policy_name(name)}: {_from_to(name, one)}" for name, one in said.items())


def _from_to(name: str, said: Mapping[str, str | None]) -> str:
    before, after = (policy_values.value_words(name, said[side] or "—") for side in ("from", "to"))
    return f"{before} → {after}"


def _decided(item: Item, said: Any) -> str:
    if said in (None, ""):
        return "none"
    return value_words(item, _READ[item.kind](said) if item.kind in _READ else said)


def _subject(entry: Entry, people: Mapping[UUID, PersonRow]) -> str:
    if entry.action.startswith(_SUBJECTLESS):
        return ""
    if entry.action.startswith(_ABOUT_PEOPLE):
        person = people.get(person_of(entry)) if person_of(entry) else None  # type: ignore[arg-type]
        return f" {brief_bold(person.name, _NAME)}" if person else " someone"
    item = ITEMS.get(entry.subject)
    name = item.title if item is not None else entry.subject
    if entry.action == _POLICY:
        name = ", ".join(map(policy_name, entry.subject.split(", ")))
    return f" {brief_bold(name, _NAME)}"


def person_of(entry: Entry) -> UUID | None:
    """The person whom an entry is about, where its subject is one."""
    if not entry.action.startswith(_ABOUT_PEOPLE):
        return None
    try:
        return UUID(entry.subject)
    except ValueError:
        return None


def detail_words(said: Any) -> str:
    """What it was and what it is, on one line, plain."""
    if not isinstance(said, dict):
        return _value(said)
    if set(said) == {"from", "to"}:
        return f"{_value(said['from'])} → {_value(said['to'])}"
    return "; ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in said.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case _ if value is None or value in ("", [], {}):
            return "none"
        case {"from": before, "to": after}:
            return f"{_value(before)} → {_value(after)}"
        case dict():
            return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
        case list():
            return ", ".join(_value(one) for one in value)
    return str(value)
