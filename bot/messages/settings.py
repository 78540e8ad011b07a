"""The tab Settings in words: what is decided, what that does, and how to change it."""

from collections.abc import Sequence
from typing import Any

from bot import rules
from bot.grants import Grant, Limit
from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.home import go
from bot.settings import Settings
from bot.workspace_settings import BADGE_ADMINS, GENERAL, ROLES, Item, fixed_by

EDIT = "settings_edit_"  # the action of a button that opens the form of a setting
CHOOSE = "settings_choose_"  # the action of a menu that decides one at once
SECTIONS = {
    "": "General",
    "roles": "Who may do what",
    "anniversaries": "Anniversaries",
    "audit": "Audit",
}
ROLE_NAMES = {"awarder": "awarders", "badge admin": "badge admins", "owner": "owners"}
MONTHS = (0, 3, 6, 12, 18, 24, 36, 60, 120)

_NAMED = 20  # people and user groups of a role that are named
_LANGUAGE = (
    f"{text.bold('Language')}: English\nIt is the only one I speak so far. Dates follow the language"
    " each person has chosen in Slack."
)


def sections_row(place: Place, *, audit: bool) -> list[Block]:
    """The parts of Settings as a row of buttons."""
    return [
        blocks.actions(
            [
                go(
                    label,
                    Place("settings", section=name),
                    key=f"section_{name}",
                    style="primary" if name == place.section else None,
                )
                for name, label in SECTIONS.items()
                if audit or name != "audit"
            ]
        )
    ]


def general(settings: Settings, permitted: Sequence[str]) -> list[Block]:
    """What concerns the workspace as a whole."""
    return [*items(GENERAL, settings, permitted), blocks.section(_LANGUAGE)]


def roles(settings: Settings, permitted: Sequence[str]) -> list[Block]:
    """Who may do what, and how often."""
    owners = (
        "Owners are Slack’s own owners and admins, and whom `LAUREL_ADMINS` names; only they change"
        " roles."
    )
    return [*items(ROLES, settings, permitted), blocks.context(owners)]


def items(which: Sequence[Item], settings: Settings, permitted: Sequence[str]) -> list[Block]:
    """These settings; `permitted`: the names of those that the reader may change."""
    return [_item(item, settings, item.name in permitted) for item in which]


def _item(item: Item, settings: Settings, permitted: bool) -> Block:
    value = getattr(settings, item.name)
    default = value_words(item, rules.default_of(item.name))
    said = (
        f"{text.bold(item.title)}: {value_words(item, value)}\n{item.sentence} Default: {default}."
    )
    variable = fixed_by(settings, item.name)
    if variable:
        said += f"\n`{variable}` decides this where Laurel runs, so it cannot be changed here."
        return blocks.section(said)
    if not permitted:
        return blocks.section(f"{said}\nOnly an owner can change this.")
    return blocks.section(said, accessory=_control(item, value))


def _control(item: Item, value: Any) -> Block:
    if item.kind == "flag":
        return _menu(item, {"on": "On", "off": "Off"}, "on" if value else "off")
    if item.kind == "months":
        choices = sorted({value, *(one for one in MONTHS if not 0 < one < item.least)})
        return _menu(
            item, {str(one): text.sentence_case(_months(one)) for one in choices}, str(value)
        )
    return blocks.button("Change", f"{EDIT}{item.name}", value=item.name)


def _menu(item: Item, labels: dict[str, str], chosen: str) -> Block:
    options = [blocks.option(label, value) for value, label in labels.items()]
    return {
        "type": "static_select",
        "action_id": f"{CHOOSE}{item.name}",
        "options": options,
        "initial_option": next(one for one in options if one["value"] == chosen),
    }


def value_words(item: Item, value: Any) -> str:
    """A setting's value in words, as mrkdwn."""
    match item.kind:
        case "channel":
            return text.channel_link(value) if value else "none"
        case "flag":
            return "on" if value else "off"
        case "months":
            return _months(value)
        case "grant":
            return grant_words(
                value, "only owners" if item is BADGE_ADMINS else "only badge admins"
            )
        case "limits":
            return limits_words(value)
        case _:
            return text.escape(str(value))


def grant_words(grant: Grant, nobody: str) -> str:
    """Whom something is given to, as mrkdwn (nobody is pinged in a view); `nobody`: whom else."""
    given = ["everyone"] if grant.everyone else []
    given += ["people managers"] if grant.managers else []
    given += _named(grant.people, grant.groups)
    words = text.in_words(given) or nobody
    denied = _named(grant.denied_people, grant.denied_groups)
    return f"{words}, but not {text.in_words(denied)}" if denied else words


def _named(people: frozenset[str], groups: frozenset[str]) -> list[str]:
    every = [f"<@{one}>" for one in sorted(people)] + [
        f"<!subteam^{one}>" for one in sorted(groups)
    ]
    more = len(every) - _NAMED
    return [*every[:_NAMED], f"{more:,} more"] if more > 0 else every


def limits_words(limits: Sequence[tuple[str, Limit]]) -> str:
    """How often each role may award."""
    said = [
        f"{ROLE_NAMES.get(role, role)} {limit.most:,} a {limit.period}" for role, limit in limits
    ]
    return text.in_words(said) or "none"


def _months(number: int) -> str:
    return f"after {text.count(number, 'month')}" if number else "never"
