"""What a badge admin does in the Studio, and what stands there afterwards."""

from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import text

from bot.playground import Outcome, View
from storage import badges
from storage.badges import BadgeRow
from tests.home.reading import home_blocks, open_home, read_home
from tests.world import World


def open_studio(world: World, who: str = "ada") -> str:
    """Open the Studio and read it."""
    open_home(world, who)
    world.click(who, "home_go_tab_studio")
    return read_home(world, who)


def choose_for(world: World, badge: BadgeRow, what: str, who: str = "ada") -> Outcome:
    """Choose in a badge's menu: duplicate, retire, restore, delete."""
    for block in home_blocks(world, who):
        for element in block.get("elements", ()):
            if element.get("value") == badge.id.hex:
                menu = block["elements"][1]["action_id"]
                return world.choose(who, menu, option=f"{what}:{badge.id.hex}")
    raise AssertionError(f"{badge.slug} is not on this page")


def edit(world: World, badge: BadgeRow, who: str = "ada") -> View:
    """Open the form of a badge that is on the page."""
    for block in home_blocks(world, who):
        for element in block.get("elements", ()):
            if element.get("value") == badge.id.hex:
                outcome = world.click(who, element["action_id"])
                assert outcome.view is not None, outcome.reads()
                return outcome.view
    raise AssertionError(f"{badge.slug} is not on this page")


def new_badge(world: World, who: str = "ada", **values: Any) -> Outcome:
    """Make a badge with these values, by the names of the form's fields."""
    opened = world.click(who, "studio_new")
    assert opened.view is not None, opened.reads()
    return save(world, who, **values)


def save(world: World, who: str = "ada", **values: Any) -> Outcome:
    """Fill in the open form and send it."""
    return world.submit(who, values={f"studio_{name}": value for name, value in values.items()})


def field(view: View, name: str) -> dict[str, Any]:
    """A field's element in a form."""
    [block] = [one for one in view.blocks if one.get("block_id") == f"studio_{name}"]
    element: dict[str, Any] = block["element"]
    return element


def has_field(view: View, name: str) -> bool:
    """Whether a form has a field."""
    return any(one.get("block_id") == f"studio_{name}" for one in view.blocks)


def badge_of(world: World, slug: str) -> BadgeRow:
    """A badge as it is stored."""
    [found] = [
        one
        for one in world.database.read(
            lambda session: badges.matching(session, workspace_id=world.workspace.id, keys=[slug])
        )
        if one.slug == slug
    ]
    return found


def count(world: World, table: str) -> int:
    """How many rows a table has."""
    return int(
        world.database.read(
            lambda session: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        )
    )


def noted(world: World) -> list[str]:
    """The actions in the audit, in order."""
    return list(
        world.database.read(
            lambda session: session.execute(
                text("SELECT action FROM audit_entry ORDER BY at, id")
            ).scalars()
        )
    )


def picture(color: str = "crimson", size: tuple[int, int] = (300, 200)) -> bytes:
    """A PNG of one colour."""
    png = BytesIO()
    Image.new("RGB", size, color).save(png, "PNG")
    return png.getvalue()
