"""The page that everyone has in App Home: read from the database for whoever looks, and drawn."""

from sqlalchemy import Connection

from bot import catalogue, consent, profiles, welcome
from bot.deps import Deps, WorkspaceRef
from bot.home_frame import Place, Shown
from bot.messages import home_page as words
from bot.messages.blocks import Block
from bot.messages.welcome import welcome_blocks
from bot.permissions import may
from bot.profiles import Reader
from bot.upcoming import upcoming
from storage import preferences


def build(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    """What this place of the page shows its reader."""
    match place.section:
        case "catalogue":
            return _catalogue(session, deps, workspace, reader, place)
        case "own":
            return _own_settings(session, deps, workspace, reader)
        case _:
            return _overview(session, deps, workspace, reader, place)


def _overview(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    now = deps.clock()
    shown = profiles.profile(
        session,
        deps.pictures,
        workspace,
        owner=reader.person,
        reader=reader,
        now=now,
        page=place.page,
    )
    coming = upcoming(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        scope="me",
        now=now,
    )
    picture = deps.pictures.case_source(session, workspace, shown.case)
    above, below = words.overview(shown, coming, picture, place)
    above = [*_first_steps(session, deps, workspace, reader), *above]
    lacking = shown.case if picture is None and shown.case.awards else None
    return Shown([*above, *below], case=lacking, case_at=len(above))


def _first_steps(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader
) -> list[Block]:
    if not may(reader.standing, "roles"):
        return []
    steps = welcome.steps(session, workspace, deps.settings_in(session, workspace))
    return welcome_blocks(steps) if steps is not None else []


def _catalogue(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    page = catalogue.catalogue_page(
        session,
        deps.pictures,
        workspace,
        reader=reader,
        now=deps.clock(),
        page=place.page,
        only_like=place.category_id,
        query=place.query,
    )
    missing = () if deps.pictures.has_addresses else page.missing
    return Shown(words.catalogue_page(page, place), missing=missing)


def _own_settings(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader
) -> Shown:
    chosen = consent.of(session, workspace, reader=reader)
    new_awards = preferences.chosen(
        session, workspace_id=workspace.id, person_id=reader.person.id, key=preferences.NEW_AWARDS
    )
    feed = deps.settings_in(session, workspace).feed_channel
    return Shown(words.own_settings(chosen, new_awards == "hidden", feed_channel=feed))
