"""The Studio as a tab of App Home."""

from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.home_frame import Place, Shown
from bot.messages.studio import studio_blocks
from bot.profiles import Reader
from bot.studio.overview import overview


def build(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, place: Place
) -> Shown:
    """A page of all badges, for a reader who may be in the Studio."""
    shown = overview(session, deps, workspace, place)
    missing = () if deps.pictures.has_addresses else shown.missing
    return Shown(studio_blocks(shown, place, reader.person), missing=missing)
