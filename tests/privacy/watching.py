"""Everything that somebody can see of a world, as one text that two worlds can be compared by."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, update

from bot.messages.award_form import BADGES
from bot.pictures import Case
from bot.playground import Engine
from storage import badges
from storage.database import Database
from storage.holdings import Viewer
from storage.tables import BadgeVersion, table_of
from tests.cast import NOW
from tests.home.reading import elements, home_blocks, open_home
from tests.privacy.exports import export_of
from tests.privacy.likeness import alike
from tests.privacy.pages import ADDRESS, PUBLIC_URL, Numbers, logged, opened, pages
from tests.world import DOT, World

_COMMANDS = (
    ("/badges", ""),
    ("/badges", "@maria"),
    ("/badges", "@yuki"),
    ("/badges", "catalog"),
    ("/badges", "show ping-pong-champion"),
    ("/badges", "show customer-hero"),
    ("/badges", "show SECRET"),
    ("/badges", "show 7-years"),
    ("/badges", "Nightingale"),
    ("/badges", "history"),
    ("/badges", "hide A-7K3QX9M"),
    ("/badges", "requests"),
    ("/badges", "request SECRET I deserve it"),
    ("/badges", "request nightingle I deserve it"),
    ("/badges", "request @maria first-course For everything"),
    ("/badges", "requests"),
    ("/award", "revoke A-7K3QX9M"),
    ("/award", "@maria SECRET Well done"),
    ("/award", "@maria nightingle Well done"),
    ("/award", "@maria first-course For everything"),
    ("/award", "search"),
    ("/award", "many"),
)


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    """A world of its own in an empty folder, whose badges all have the same picture."""
    (folder / "laurel.db").write_bytes(_tables())
    database = Database(f"sqlite:///{folder}/laurel.db")
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        world = World(database, engine, public_url=PUBLIC_URL)
        world.database.write(lambda session: _illustrate(session, world))
        yield world
    database.close()


@cache
def _tables() -> bytes:
    """A database with nothing in it yet, as migrations leave it."""
    from storage import migrate

    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{path}")
        migrate.upgrade(database)
        database.close()
        return path.read_bytes()


def _illustrate(session: Connection, world: World) -> None:
    """Give every badge an uploaded picture: to draw one for each takes far longer than all the rest."""
    image_id = badges.add_image(session, workspace_id=world.workspace.id, content=DOT)
    session.execute(update(table_of(BadgeVersion)).values(image_id=image_id))


def seen(world: World, viewer: str, secret: str, before: Numbers) -> str:
    """All that a person sees by typing, opening, searching and fetching, a text for each step.

    With what is logged and counted meanwhile; `before` is what was counted when the world began.
    """
    with logged() as log:
        found = "\n".join(_steps(world, viewer, secret))
        addresses = list(dict.fromkeys(one[0] for one in ADDRESS.finditer(found)))
        fetched = "\n".join(pages(world, addresses, before))
    lines = sorted(alike(line) for line in log.getvalue().splitlines())  # lanes keep no order
    return alike("\n".join((opened(found), fetched, "> the log", *lines)))


def _steps(world: World, viewer: str, secret: str) -> Iterator[str]:
    for command, words in _COMMANDS:
        typed = words.replace("SECRET", secret)
        yield f"> {command} {typed}"
        outcome = world.command(viewer, command, typed)
        yield outcome.reads()
        yield _as_text(outcome.view)
        world.close(viewer) if outcome.view else None
        world.deliver()
    yield f"> home of {viewer}"
    yield open_home(world, viewer)
    yield _as_text(home_blocks(world, viewer))
    for action in sorted(one for one in elements(world, viewer) if one.startswith("home_go_")):
        yield f"> {action}"
        open_home(world, viewer)
        world.click(viewer, action)
        yield _as_text(home_blocks(world, viewer))
    yield "> the form"
    form = world.command(viewer, "/award", "")
    yield form.reads()
    for typed in ("", "n", "night", secret) if form.view else ():
        yield str(world.type_ahead(viewer, BADGES, typed))
    yield "> trophy cases"
    yield from _cases(world, viewer)
    yield "> the export"
    yield export_of(world, viewer)
    yield "> what was posted"
    for message in (*world.feed(), *world.dms(viewer), *world.ephemerals(viewer)):
        yield message.reads()
        yield _as_text(message)


def _cases(world: World, viewer: str) -> Iterator[str]:
    """What is drawn in the trophy cases of others, for this person and for everyone."""
    for owner in ("maria", "yuki"):
        for looks in (Viewer(None), Viewer(world.people[viewer].id)):
            case = _case(world, owner, looks)
            yield f"{owner}: {case.key} {case.alt_text} {case.badges} {case.awards}"


def _case(world: World, owner: str, looks: Viewer) -> Case:
    def read(session: Connection) -> Case:
        return world.laurel.deps.pictures.case(
            session,
            workspace_id=world.workspace.id,
            person_id=world.people[owner].id,
            viewer=looks,
            now=world.now(),
        )

    return world.database.read(read)


def _as_text(view: Any) -> str:
    blocks = getattr(view, "blocks", view)
    return json.dumps(blocks, ensure_ascii=False, default=str)
