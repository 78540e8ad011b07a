"""Every view stays within what Slack takes, with 5,000 badges and names of 255 characters."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from bot import home, policies, policy_words
from bot.app import build
from bot.authorization import reference
from bot.deps import Deps, WorkspaceRef
from bot.grants import Grant, Limit
from bot.home_frame import Place
from bot.messages import settings_forms, settings_policies, studio, studio_form
from bot.messages.welcome import welcome_blocks
from bot.playground.rules import check_view
from bot.policy_preview import Change, Preview, Told
from bot.pool import Inline
from bot.settings import Settings
from bot.studio.checking import Form
from bot.studio.draft import Draft
from bot.tenure import Length, Policies
from bot.welcome import Steps
from bot.workspace_settings import ITEMS
from storage import workspaces
from storage.database import Database
from storage.people import PersonRow
from tests.cast import NOW
from tests.home import crowd

View = dict[str, Any]

_IDS = frozenset(f"U{number:09}" for number in range(100))
_GROUPS = frozenset(f"S{number:09}" for number in range(100))
CROWDED = replace(
    Settings(),
    awarders=Grant(people=_IDS, groups=_GROUPS, denied_people=_IDS, denied_groups=_GROUPS),
    badge_admins=Grant(people=_IDS, groups=_GROUPS),
    feed_channel="C0123456789",
    limits=tuple((role, Limit(999_999, "quarter")) for role in ("awarder", "badge admin", "owner")),
)
READER = PersonRow(UUID(int=1), "U1", "x", "UTC", "pt-PT", True, False, False, False)


@pytest.fixture(scope="module")
def crowded(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Deps, WorkspaceRef]]:
    path = tmp_path_factory.mktemp("crowd") / "laurel.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    crowd.fill(database, awards=200)
    settings = replace(CROWDED, public_url="https://laurel.example.com")
    laurel = build(settings, clock=lambda: NOW, database=database, slow=Inline())
    yield laurel.deps, reference(database.read(workspaces.every)[0])
    database.close()


PLACES = [
    Place(),
    Place(page=40),
    Place(section="own"),
    Place(section="catalogue"),
    Place(section="catalogue", page=625),
    Place(section="catalogue", query=crowd.long(77, 80)),
    Place(section="catalogue", query="nothing like it"),
    Place(section="catalogue", category=UUID(int=4_999).hex, query="<"),
    Place("studio"),
    Place("studio", page=300, sort="name"),
    Place("studio", query=crowd.long(77, 80)),
    *(Place("settings", section=name) for name in ("", "roles", "anniversaries", "audit")),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kept()[:60])
def test_every_place_in_home_fits(crowded: tuple[Deps, WorkspaceRef], place: Place) -> None:
    deps, workspace = crowded

    def draw(session: Connection) -> View:
        drawn = home.draw(session, deps, workspace, crowd.OWNER, place, asked=True)
        assert drawn.place == place
        return drawn.view()

    view = deps.database.read(draw)
    assert check_view(view) is None
    assert len(view["blocks"]) <= 100


AWKWARD_DRAFT = Draft(
    name=crowd.long(1),
    slug="x" * 255,
    description=crowd.long(1, 3000),
    criteria=crowd.long(1, 3000),
    category=crowd.long(1, 149),
    awarders="named",
    people=tuple(sorted(_IDS)),
    groups=tuple(sorted(_GROUPS)),
    not_people=tuple(sorted(_IDS)),
    not_groups=tuple(sorted(_GROUPS)),
)


@pytest.mark.parametrize("picture", ["letters", "drawn", "upload"])
@pytest.mark.parametrize("form", [Form(), Form(badge_id=UUID(int=1), seen="f" * 64)])
def test_every_form_of_a_badge_fits(form: Form, picture: str) -> None:
    view = studio_form.form_view(
        form,
        replace(AWKWARD_DRAFT, picture=picture),
        Place("studio", query='"' * 100, category='"' * 100, item='"' * 100),
        groups={one: crowd.long(1) for one in sorted(_GROUPS)},
        picture={"slack_file": {"id": "F0123456789"}},
        said=crowd.long(1, 500),
    )
    assert check_view(view) is None


def test_the_question_before_a_badge_is_deleted_fits() -> None:
    badge = crowd.row(crowd.badge(1, 1))
    assert check_view(studio.delete_view(badge, Place("studio", query='"' * 100).kept())) is None


def test_the_first_steps_fit() -> None:
    for steps in (Steps("", False, False), Steps("C0123456789", True, True)):
        view = {"type": "home", "blocks": welcome_blocks(steps)}
        assert check_view(view) is None


@pytest.mark.parametrize(
    "name", [name for name, one in ITEMS.items() if one.kind not in ("flag", "months")]
)
def test_every_form_of_a_setting_fits(name: str) -> None:
    place = Place("settings", section="roles", query='"' * 100)
    view = settings_forms.form(ITEMS[name], CROWDED, place, note=crowd.long(1, 500))
    assert check_view(view) is None


def names_of_policies() -> list[str]:
    entries = policy_words.entries(Policies())
    return list(dict.fromkeys(one.name.partition(".")[0] for one in entries))


@pytest.mark.parametrize("name", names_of_policies())
def test_every_form_of_a_policy_fits(name: str) -> None:
    view = settings_policies.policy_form(Policies(), name, Place("settings", query='"' * 100))
    assert view is not None
    assert check_view(view) is None


def test_a_policy_that_says_much_is_shown_and_previewed_within_the_limits(
    crowded: tuple[Deps, WorkspaceRef],
) -> None:
    deps, workspace = crowded
    kept = deps.database.read(lambda session: policies.load(session, workspace_id=workspace.id))
    told = Told(date(2026, 12, 1), "09:00 UTC", "#C0123456789", "x" * 255, "&" * 500, None)
    changes = tuple(
        Change("&" * 255, Length(5, "y"), told, replace(told, message="<" * 500))
        for _ in range(3_000)
    )
    written = {
        "28d.badge": '"' * 255,
        "28d.message": '"' * policy_words.MOST_MESSAGE,
        "28d.feed": "on",
    }
    views = [
        settings_policies.policy_form(kept, "lengths", Place()),
        settings_policies.policy_form(kept, "quiet", Place()),
        settings_policies.policy_form(kept, "28d", Place()),
        settings_policies.preview_view(
            "28d",
            written,
            {f"28d.{part}": {"from": "<" * 500, "to": "&" * 500} for part in ("badge", "message")},
            Preview(date(2027, 1, 1), changes),
            Place("settings", query='"' * 100),
            reader=READER,
            today=date(2026, 11, 20),
        ),
    ]
    for view in views:
        assert view is not None
        assert check_view(view) is None


@pytest.mark.parametrize("state", ["in", "archived", "outside", "unseen"])
def test_every_word_on_a_feed_channel_fits(state: str) -> None:
    view = settings_forms.feed_view(ITEMS["feed_channel"], "C0123456789", state, Place())
    assert check_view(view) is None
