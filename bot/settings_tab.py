"""The tab Settings: read from the database for a badge admin or an owner, and drawn."""

from sqlalchemy import Connection

from bot import policies, workspace_settings
from bot.deps import Deps, WorkspaceRef
from bot.home_frame import Place, Shown
from bot.messages import settings as words
from bot.messages.audit import KINDS, PAGE, AuditPage, audit_blocks, person_of
from bot.messages.blocks import Block
from bot.messages.settings_policies import hour_block, policies_blocks
from bot.permissions import may
from bot.profiles import Reader
from storage import audit as storage_audit
from storage import people


def build(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    """The part of Settings that the place names."""
    settings = deps.settings_in(session, workspace)
    audit = may(reader.standing, "audit")
    row = words.sections_row(place, audit=audit)
    permitted = _permitted(reader)
    match place.section:
        case "roles":
            said = words.roles(settings, permitted)
        case "audit" if audit:
            said = _audit(session, workspace, reader, place)
        case "anniversaries":
            said = policies_blocks(policies.load(session, workspace_id=workspace.id))
        case _:
            said = words.general(settings, permitted)
            said.insert(2, hour_block(policies.load(session, workspace_id=workspace.id)))
    return Shown([*row, *said])


def _audit(
    session: Connection, workspace: WorkspaceRef, reader: Reader, place: Place
) -> list[Block]:
    found = storage_audit.entries(
        session,
        workspace_id=workspace.id,
        before=place.item_id,
        limit=PAGE + 1,
        action=place.category if place.category in KINDS else None,
    )
    shown = found[:PAGE]
    ids = {one.actor_id for one in shown} | {person_of(one) for one in shown}
    known = people.by_ids(session, workspace_id=workspace.id, ids=[one for one in ids if one])
    page = AuditPage(shown, known, more=len(found) > PAGE)
    return audit_blocks(page, reader.person, place)


def _permitted(reader: Reader) -> list[str]:
    """The settings that the reader may change."""
    return [
        name for name, item in workspace_settings.ITEMS.items() if may(reader.standing, item.action)
    ]
