"""Who somebody is to a workspace: what decides about their roles, read from the database."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.permissions import Standing, groups_that_matter, managers_matter
from bot.settings import Settings
from storage import employment, user_groups
from storage.badges import BadgeRow
from storage.people import PersonRow


def standing_of(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    person: PersonRow,
    *,
    awarders: Collection[str | None] = (),
) -> Standing:
    """Read what roles, and these badges' awarders, depend on; nothing where it is of no account."""
    groups = groups_that_matter(awarders, settings)
    manages = managers_matter(awarders, settings)
    if groups:
        groups = user_groups.of_person(
            session, workspace_id=workspace.id, person_id=person.id, among=groups
        )
    return Standing(
        person,
        settings,
        groups,
        manages
        and employment.manages_anyone(session, workspace_id=workspace.id, person_id=person.id),
    )


def standing_towards(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    person: PersonRow,
    badges: Iterable[BadgeRow],
) -> Standing:
    """Who somebody is, as far as it decides about these badges."""
    awarders = [badge.awarders for badge in badges]
    return standing_of(session, workspace, settings, person, awarders=awarders)
