"""What a workspace decides in Settings: each with what it does, who may change it, and changing it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from bot import rules
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NotPermittedError
from bot.grants import Grant
from bot.permissions import Action, require
from bot.profiles import Reader
from bot.settings import WORKSPACE, Settings
from storage import audit

Kind = Literal["channel", "timezone", "grant", "limits", "flag", "months"]


@dataclass(frozen=True)
class Item:
    """One thing to decide; `name` is that of the field of Settings."""

    name: str
    kind: Kind
    title: str
    sentence: str
    action: Action = "settings"
    least: int = 0  # months, where any are chosen


FEED = Item(
    "feed_channel",
    "channel",
    "Feed channel",
    "Where I announce awards and anniversaries. Without one I only write to the people themselves.",
)
TIMEZONE = Item(
    "timezone",
    "timezone",
    "Timezone",
    "The workspace’s own; it counts for everyone whose timezone Slack does not know.",
)
BADGE_ADMINS = Item(
    "badge_admins",
    "grant",
    "Badge admins",
    "They look after badges, awards and settings. Owners can do all of that anyway.",
    "roles",
)
AWARDERS = Item(
    "awarders",
    "grant",
    "Who may award",
    "Any public badge that names no awarders of its own. Owners always may, and badge admins"
    " unless they are left out below.",
    "roles",
)
LIMITS = Item(
    "limits",
    "limits",
    "Limits",
    "How often somebody may award in a day, week, month, quarter or year, by role.",
)
SELF_AWARDS = Item(
    "self_awards", "flag", "Awarding oneself", "Whether people may award themselves."
)
OWN_REQUESTS = Item(
    "own_requests",
    "flag",
    "One’s own requests",
    "Whether somebody may decide on a badge that they asked for themselves.",
)
TRADES = Item(
    "trades",
    "flag",
    "Awarding back",
    "Whether somebody may award the person who awarded them within the last day.",
)
GUESTS_AWARD = Item(
    "guests_award", "flag", "Guests award", "Whether guests may award where everyone may."
)
GUESTS_RECEIVE = Item("guests_receive", "flag", "Guests receive", "Whether guests collect badges.")
STRANGERS_RECEIVE = Item(
    "strangers_receive",
    "flag",
    "People from shared channels",
    "Whether people of other workspaces, met in a shared channel, can receive badges.",
)
FORGETTING = Item(
    "forget_after_months",
    "months",
    "People who left",
    "When I forget them: their awards then read “someone”, and their data is gone for good.",
    "erase",
)
AUDIT = Item(
    "audit_months",
    "months",
    "Old audit entries",
    "When I clear them. What happened within the last 12 months always stays.",
    "erase",
    least=12,
)

GENERAL = (FEED, TIMEZONE, FORGETTING, AUDIT)
ROLES = (
    BADGE_ADMINS,
    AWARDERS,
    LIMITS,
    SELF_AWARDS,
    OWN_REQUESTS,
    TRADES,
    GUESTS_AWARD,
    GUESTS_RECEIVE,
    STRANGERS_RECEIVE,
)
ITEMS = {item.name: item for item in (*GENERAL, *ROLES)}


def fixed_by(settings: Settings, name: str) -> str:
    """The variable of the environment that decides a setting, or ""."""
    if name not in settings.fixed:
        return ""
    return next(variable for variable, field in WORKSPACE.items() if field == name)


def require_change(settings: Settings, reader: Reader, name: str) -> Item:
    """What is to be changed. Raises NotPermittedError, and BadRequestError for what there is not."""
    item = ITEMS.get(name)
    if item is None:
        raise BadRequestError("There is no such setting any more. Please open Home again.")
    require(reader.standing, item.action)
    variable = fixed_by(settings, name)
    if variable:
        raise NotPermittedError(
            f"{variable} decides that, where Laurel runs; here it can only be read."
        )
    return item


def change(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    reader: Reader,
    name: str,
    value: Any,
    now: datetime,
) -> bool:
    """Decide a setting (None: the default again) and note it; False where it is so already.

    Raises what `require_change` raises, and BadRequestError for a value that cannot be.
    """
    item = require_change(settings, reader, name)
    before = getattr(settings, name)
    wanted = rules.default_of(name) if value is None else value
    if before == wanted:
        return False
    try:
        rules.decide(session, workspace_id=workspace.id, changes={name: value}, now=now)
    except ValueError as problem:
        raise BadRequestError(str(problem)) from problem
    audit.note(
        session,
        workspace_id=workspace.id,
        action="role.changed" if item.action == "roles" else "setting.changed",
        subject=name,
        detail=json.dumps({"from": written(before), "to": written(wanted)}),
        now=now,
        actor_id=reader.person.id,
    )
    return True


def written(value: Any) -> Any:
    """A setting's value as JSON has it."""
    match value:
        case Grant():
            return str(value)
        case tuple():
            return {role: str(limit) for role, limit in value}
    return value
