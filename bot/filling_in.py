"""What somebody's award form starts with and says above itself, before anything is awarded."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot import allowance
from bot.allowance import Purview
from bot.deps import WorkspaceRef
from bot.orders import require_some
from bot.permissions import limit_of, refusal
from bot.settings import Settings
from bot.standing import standing_of
from storage import people
from storage.badges import BadgeRow
from storage.people import PersonRow


def welcome(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    slack_id: str,
    now: datetime,
) -> str:
    """What somebody should know before they fill in a form: how often they may still award, if at most.

    Raises NotPermittedError for someone who may award nothing.
    """
    giver = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if giver is None:
        return ""  # whoever is not known yet is asked about when the form is sent
    standing = standing_of(session, workspace, settings, giver)
    require_some(session, workspace=workspace, settings=settings, standing=standing)
    purview = Purview(workspace, settings, giver, now)
    left = allowance.left_of(session, purview, limit_of(standing), ())
    return allowance.before_awarding(purview, left)


def receiving(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    slack_id: str,
    named: Collection[str],
) -> tuple[list[str], list[str]]:
    """Those of the people named whom somebody may award, and why not the others, a sentence each.

    Of oneself nothing is said where others are named too, and whoever is not known yet is asked about
    when a form is sent.
    """
    known = people.by_slack_ids(session, workspace_id=workspace.id, slack_ids={slack_id, *named})
    giver = known.get(slack_id)
    welcome: list[str] = []
    refused: list[str] = []
    for one in dict.fromkeys(named):
        recipient = known.get(one)
        sentence = refusal(giver, recipient, settings) if giver and recipient else ""
        if not sentence:
            welcome.append(one)
        elif one != slack_id or len(named) == 1:
            refused.append(sentence)
    return welcome, refused


def left(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    giver: PersonRow,
    chosen: Collection[BadgeRow],
    now: datetime,
) -> list[str]:
    """How often a giver may still award what they chose, in plain words; nothing where at will."""
    standing = standing_of(session, workspace, settings, giver)
    purview = Purview(workspace, settings, giver, now)
    found = allowance.left_of(session, purview, limit_of(standing), chosen)
    return list(allowance.told(found))
