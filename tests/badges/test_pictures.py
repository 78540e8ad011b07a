"""Pictures and their signed addresses."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.artwork import Design, badge_tile, drawn_badge
from bot.deps import reference
from bot.pictures import LINK_LIFE, Case, Pictures, design_key, image_key
from storage import badges, files
from storage.badges import BadgeRow
from storage.database import Database
from storage.holdings import Viewer
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import award, badge
from tests.cast import NOW

Cast = dict[str, PersonRow]


class Gallery:
    """Pictures at a public address, and a clock that can be moved."""

    def __init__(self, database: Database, row: WorkspaceRow, public_url: str) -> None:
        self.database = database
        self.workspace = reference(row)
        self.now = NOW
        self.pictures = Pictures(database, public_url=public_url, clock=lambda: self.now)

    def badge(self, name: str, **more: Any) -> BadgeRow:
        return self.database.write(lambda s: badge(s, self.workspace.id, name, **more))

    def award(self, given: BadgeRow, person: PersonRow, number: int, **more: Any) -> None:
        self.database.write(
            lambda s: award(s, self.workspace.id, given, person, number=number, **more)
        )

    def case(self, person: PersonRow, viewer: Viewer) -> Case:
        return self.database.read(
            lambda s: self.pictures.case(
                s, workspace_id=self.workspace.id, person_id=person.id, viewer=viewer, now=self.now
            )
        )

    def address(self, key: str) -> str:
        source = self.database.read(lambda s: self.pictures.source(s, self.workspace, key))
        assert source is not None
        return str(source["image_url"])

    def case_address(self, case: Case) -> str:
        source = self.database.read(lambda s: self.pictures.case_source(s, self.workspace, case))
        assert source is not None
        return str(source["image_url"])


def token_of(address: str) -> str:
    return address.removesuffix(".png").rpartition("/")[2]


@pytest.fixture
def gallery(database: Database, workspace: WorkspaceRow) -> Gallery:
    return Gallery(database, workspace, "https://laurel.acme.example/")


def test_a_badge_without_a_picture_gets_one_made_from_its_name(gallery: Gallery) -> None:
    hero = gallery.badge("Customer Hero")
    for kind, size in (("tile", (150, 150)), ("card", (1200, 400))):
        served = gallery.pictures.serve(token_of(gallery.address(f"{kind}:{hero.version_id}")))
        assert served is not None
        assert served[1] == "image/png"
        assert Image.open(BytesIO(served[0])).size == size


def test_a_badge_with_a_picture_shows_it(gallery: Gallery) -> None:
    png = BytesIO()
    Image.new("RGB", (300, 300), (200, 10, 10)).save(png, "PNG")
    image_id = gallery.database.write(
        lambda s: badges.add_image(s, workspace_id=gallery.workspace.id, content=png.getvalue())
    )
    red = gallery.badge("Red", image_id=image_id)
    drawn = gallery.database.read(
        lambda s: gallery.pictures.draw(s, gallery.workspace, f"tile:{red.version_id}")
    )
    assert drawn.filename == "red-tile.png"
    assert drawn.alt_text == "The badge “Red”"
    tile = Image.open(BytesIO(drawn.content)).convert("RGB")
    assert tile.getpixel((75, 75)) == (200, 10, 10)


def test_a_badge_that_was_put_together_shows_what_was_chosen(gallery: Gallery, cast: Cast) -> None:
    design = Design.parse("circle red gold :trophy:")
    hero = gallery.badge("Hero", design=str(design))
    plain = gallery.badge("Plain")
    gallery.award(hero, cast["Maria"], 1)

    drawn = gallery.database.read(
        lambda s: gallery.pictures.draw(s, gallery.workspace, f"tile:{hero.version_id}")
    )
    assert drawn.content == badge_tile(drawn_badge(design))
    assert drawn.alt_text == ("The badge “Hero”, a red circle with a gold rim and the emoji trophy")
    (trophy,) = gallery.case(cast["Maria"], Viewer(None)).trophies
    assert callable(trophy.image)
    assert trophy.image() == drawn_badge(design)
    other = gallery.database.read(
        lambda s: gallery.pictures.draw(s, gallery.workspace, f"tile:{plain.version_id}")
    )
    assert other.alt_text == "The badge “Plain”"


def test_a_picture_can_be_looked_at_before_a_badge_has_it(gallery: Gallery) -> None:
    design = Design.parse("seal teal silver Ж")
    served = gallery.pictures.serve(token_of(gallery.address(design_key(design))))
    assert served is not None
    assert served[0] == badge_tile(drawn_badge(design))

    png = BytesIO()
    Image.new("RGB", (512, 512), (200, 10, 10)).save(png, "PNG")
    image_id = gallery.database.write(
        lambda s: badges.add_image(s, workspace_id=gallery.workspace.id, content=png.getvalue())
    )
    shown = gallery.database.read(
        lambda s: gallery.pictures.draw(s, gallery.workspace, image_key(image_id))
    )
    assert (shown.filename, shown.alt_text) == (
        "image-preview.png",
        "The picture that was uploaded",
    )
    assert Image.open(BytesIO(shown.content)).size == (150, 150)
    with pytest.raises(KeyError):
        gallery.database.read(
            lambda s: gallery.pictures.draw(s, gallery.workspace, image_key("0" * 64))
        )


def test_an_address_expires_after_a_day(gallery: Gallery) -> None:
    hero = gallery.badge("Customer Hero")
    token = token_of(gallery.address(f"tile:{hero.version_id}"))
    gallery.now = NOW + LINK_LIFE - timedelta(hours=1)
    assert gallery.pictures.serve(token) is not None
    gallery.now = NOW + LINK_LIFE
    assert gallery.pictures.serve(token) is None


def test_another_process_serves_the_same_picture(gallery: Gallery, cast: Cast) -> None:
    gallery.award(gallery.badge("Customer Hero"), cast["Maria"], 1)
    case = gallery.case(cast["Maria"], Viewer(cast["Tom"].id))
    served = Pictures(gallery.database, public_url="", clock=lambda: NOW).serve(
        token_of(gallery.case_address(case))
    )
    assert served == (gallery.pictures.draw_case(case).content, "image/png")


def test_a_trophy_case_shows_each_viewer_what_they_may_see(gallery: Gallery, cast: Cast) -> None:
    maria = cast["Maria"]
    gallery.award(gallery.badge("Customer Hero"), maria, 1)
    gallery.award(gallery.badge("Quiet One"), maria, 2, private=True, giver=cast["Tom"])
    everything = "Trophy case: Customer Hero, Quiet One."
    seen = {
        viewer: gallery.case(maria, viewer)
        for viewer in (
            Viewer(maria.id),
            Viewer(cast["Tom"].id),
            Viewer(cast["Ada"].id, admin=True),
            Viewer(cast["Ada"].id),
            Viewer(None),
        )
    }
    shown = [sorted(t.name for t in case.trophies) for case in seen.values()]
    assert shown == [["Customer Hero", "Quiet One"]] * 3 + [["Customer Hero"]] * 2
    assert {case.awards for case in seen.values()} == {2, 1}
    assert seen[Viewer(None)].alt_text == "Trophy case: Customer Hero."
    assert sorted(seen[Viewer(maria.id)].alt_text) == sorted(everything)
    addresses = {token_of(gallery.case_address(case)) for case in seen.values()}
    assert len(addresses) == 5
    pictures = [gallery.pictures.serve(token) for token in map(token_of, addresses)]
    assert len(set(pictures)) == 2


def test_an_address_made_for_a_badge_admin_shows_nothing_private_that_came_later(
    gallery: Gallery, cast: Cast
) -> None:
    maria, ada = cast["Maria"], cast["Ada"]
    gallery.award(gallery.badge("Customer Hero"), maria, 1)
    gallery.award(gallery.badge("Quiet One"), maria, 2, private=True)
    shown = gallery.case(maria, Viewer(ada.id, admin=True))
    token = token_of(gallery.case_address(shown))
    assert gallery.pictures.serve(token) == (gallery.pictures.draw_case(shown).content, "image/png")

    gallery.award(gallery.badge("Secret"), maria, 3, private=True)
    public = gallery.case(maria, Viewer(None))
    assert public.alt_text == "Trophy case: Customer Hero."
    assert gallery.pictures.serve(token) == (
        gallery.pictures.draw_case(public).content,
        "image/png",
    )


def test_the_address_changes_with_what_is_shown_and_not_without(
    gallery: Gallery, cast: Cast
) -> None:
    maria = cast["Maria"]
    gallery.award(gallery.badge("Customer Hero"), maria, 1)
    first = gallery.case_address(gallery.case(maria, Viewer(None)))
    gallery.now = NOW + timedelta(minutes=5)
    assert gallery.case_address(gallery.case(maria, Viewer(None))) == first
    gallery.award(gallery.badge("Team Player"), maria, 2)
    assert gallery.case_address(gallery.case(maria, Viewer(None))) != first


def test_a_picture_that_slack_has_is_shown_by_its_file(gallery: Gallery, cast: Cast) -> None:
    hero = gallery.badge("Customer Hero")
    case = gallery.case(cast["Maria"], Viewer(None))
    keys = (f"tile:{hero.version_id}", case.key)

    def keep(session: Any) -> None:
        for number, key in enumerate(keys):
            files.save(
                session, workspace_id=gallery.workspace.id, key=key, file_id=f"F{number}", now=NOW
            )

    gallery.database.write(keep)
    sources = gallery.database.read(
        lambda s: (
            gallery.pictures.source(s, gallery.workspace, keys[0]),
            gallery.pictures.case_source(s, gallery.workspace, case),
        )
    )
    assert sources == ({"slack_file": {"id": "F0"}}, {"slack_file": {"id": "F1"}})


def test_without_a_public_address_and_without_slack_there_is_no_picture_yet(
    database: Database, workspace: WorkspaceRow
) -> None:
    bare = Gallery(database, workspace, "")
    hero = bare.badge("Customer Hero")
    key = f"card:{hero.version_id}"
    assert database.read(lambda s: bare.pictures.source(s, bare.workspace, key)) is None


def test_only_the_badges_there_is_room_for_are_looked_up(gallery: Gallery, cast: Cast) -> None:
    for number in range(30):
        given = gallery.badge(f"Badge {number}")
        at = NOW - timedelta(days=30 - number)
        gallery.award(given, cast["Maria"], 2 * number, at=at)
        gallery.award(given, cast["Maria"], 2 * number + 1, at=at - timedelta(days=99))
    case = gallery.case(cast["Maria"], Viewer(None))
    assert [trophy.name for trophy in case.trophies] == [f"Badge {n}" for n in range(29, 5, -1)]
    assert {trophy.count for trophy in case.trophies} == {2}
    assert (case.more, case.badges, case.awards) == (6, 30, 60)


def test_a_token_changed_in_one_bit_is_refused(frozen_gallery: tuple[Gallery, str]) -> None:
    gallery, token = frozen_gallery
    packed = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(packed)):
        forged = bytearray(packed)
        forged[place] ^= 1
        assert gallery.pictures.serve(urlsafe_b64encode(forged).rstrip(b"=").decode()) is None


@pytest.fixture
def frozen_gallery(sqlite_database: Database) -> tuple[Gallery, str]:
    """A gallery on SQLite and a token that it serves."""
    from storage import workspaces

    row = sqlite_database.write(
        lambda s: workspaces.save(
            s, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )
    gallery = Gallery(sqlite_database, row, "https://laurel.acme.example")
    hero = gallery.badge("Customer Hero")
    token = token_of(gallery.address(f"tile:{hero.version_id}"))
    assert gallery.pictures.serve(token) is not None
    return gallery, token


def test_the_address_of_a_badge_that_was_deleted_leads_nowhere(
    frozen_gallery: tuple[Gallery, str],
) -> None:
    gallery, _token = frozen_gallery
    token = token_of(gallery.address(f"tile:{uuid4()}"))
    assert gallery.pictures.serve(token) is None


@given(typed=st.one_of(st.text(max_size=700), st.binary(max_size=400).map(urlsafe_b64encode)))
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # nothing is changed in it
)
def test_any_other_token_is_refused_without_a_word(
    frozen_gallery: tuple[Gallery, str], typed: str | bytes
) -> None:
    token = typed if isinstance(typed, str) else typed.decode()
    assert frozen_gallery[0].pictures.serve(token) is None
