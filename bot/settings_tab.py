"""The tab Settings: read from the database for a badge admin or an owner, and drawn."""

from sqlalchemy import Connection

from bot import policies, workspace_settings
from bot.deps import Deps, WorkspaceRef
from bot.home_frame import Place, Shown
from bot.messages import settings as words
from bot.messages.settings_policies import hour_block, policies_blocks
from bot.permissions import may
from bot.profiles import Reader
from bot.settings import Settings


def build(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    """The part of Settings that the place names."""
    settings = deps.settings_in(session, workspace)
    audit = may(reader.standing, "audit", settings)
    row = words.sections_row(place, audit=audit)
    permitted = _permitted(settings, reader)
    match place.section:
        case "roles":
            said = words.roles(settings, permitted)
        case "anniversaries":
            said = policies_blocks(policies.load(session, workspace_id=workspace.id))
        case _:
            said = words.general(settings, permitted)
            said.insert(2, hour_block(policies.load(session, workspace_id=workspace.id)))
    return Shown([*row, *said])


def _permitted(settings: Settings, reader: Reader) -> list[str]:
    """The settings that the reader may change."""
    return [
        name
        for name, item in workspace_settings.ITEMS.items()
        if may(reader.standing, item.action, settings)
    ]
