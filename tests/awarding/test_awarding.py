"""The one write path: what stands in the database after awarding, undoing and revoking."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, func, select

from bot import awarding, revoking
from bot.awarding import Occasion
from bot.errors import BadRequestError, NotFoundError, NotPermittedError
from bot.gifts import Awarded, Gift
from bot.precedents import SameAgainError
from bot.settings import Settings
from storage import awards
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.database import Database, is_again
from storage.people import PersonRow
from storage.tables import Award, Delivery, table_of
from storage.types import new_id
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import badge
from tests.databases import NOW
from tests.together import meanwhile

SETTINGS = Settings(feed_channel="C0KUDOS", admins=frozenset({"UADA"}))


class Shop:
    """Awards in one workspace, with a clock that stands until it is moved."""

    def __init__(self, database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]):
        self.database, self.workspace, self.cast, self.now = database, workspace, cast, NOW
        self.flair = self.add("Ping-Pong Champion", "flair")
        self.once = self.add("First Course", "achievement")

    def add(self, name: str, kind: str) -> BadgeRow:
        return self.database.write(
            lambda session: badge(session, self.workspace.id, name, kind=kind, category="Contests")
        )

    def gift(self, giver: str = "Tom", to: str = "Maria", **changes: object) -> Gift:
        gift = Gift(
            giver=self.cast[giver],
            recipients=(self.cast[to],),
            badges=(self.flair,),
            reason="Great final!",
            occasion="slash:1",
        )
        return gift._replace(**changes)  # type: ignore[arg-type]

    def award(self, gift: Gift) -> Awarded:
        return self.database.write(
            lambda session: awarding.award(
                session,
                workspace=self.workspace,
                settings=SETTINGS,
                gift=gift,
                now=self.now,
                hopeful=not is_again(session),  # as a command does it
            )
        )

    def undo(self, giver: str, batch_id: UUID | None) -> list[AwardRow]:
        assert batch_id is not None
        return self.database.write(
            lambda session: revoking.undo(
                session,
                workspace=self.workspace,
                giver=self.cast[giver],
                batch_id=batch_id,
                now=self.now,
            )
        )

    def revoke(self, actor: str, code: str, reason: str = "") -> AwardRow:
        return self.database.write(
            lambda session: revoking.revoke(
                session,
                workspace=self.workspace,
                settings=SETTINGS,
                actor=self.cast[actor],
                code=code,
                reason=reason,
                now=self.now,
            )
        )

    def count(self, of: type = Award) -> int:
        read: Callable[[Connection], int] = lambda session: session.execute(  # noqa: E731
            select(func.count()).select_from(table_of(of))
        ).scalar_one()
        return self.database.read(read)

    def deliveries(self) -> list[tuple[str, str]]:
        delivery = table_of(Delivery)
        return self.database.read(
            lambda session: [
                (row.kind, row.lane)
                for row in session.execute(select(delivery).order_by(delivery.c.id))
            ]
        )


@pytest.fixture
def shop(database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]) -> Shop:
    return Shop(database, workspace, cast)


def test_an_award_is_written_with_its_announcement_and_its_direct_message(shop: Shop) -> None:
    done = shop.award(shop.gift())

    assert [(one.recipient.name, one.outcome) for one in done.given] == [("Maria Silva", "awarded")]
    assert done.channels
    row = shop.database.read(
        lambda session: awards.by_code(
            session, workspace_id=shop.workspace.id, code=done.given[0].code
        )
    )
    assert row is not None
    assert (row.reason, row.version_id, row.awarded_at) == (
        "Great final!",
        shop.flair.version_id,
        NOW,
    )
    assert shop.deliveries() == [("announce", "channel:C0KUDOS"), ("notify", "dm")]


def test_the_same_occasion_three_times_is_one_award_and_one_announcement(shop: Shop) -> None:
    results = [shop.award(shop.gift()) for _ in range(3)]

    assert {result.given[0].code for result in results} == {results[0].given[0].code}
    assert {result.batch_id for result in results} == {results[0].batch_id}
    assert all(result.channels for result in results)
    assert (shop.count(), shop.count(Delivery)) == (1, 2)


def test_the_same_occasion_days_later_is_still_the_same_award(shop: Shop) -> None:
    first = shop.award(shop.gift())
    shop.now += timedelta(days=3)

    assert shop.award(shop.gift()).given[0].code == first.given[0].code
    assert shop.count() == 1


def test_the_same_occasion_at_the_same_moment_in_eight_threads_is_one_award(shop: Shop) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: shop.award(shop.gift()), range(8)))

    assert len({result.given[0].code for result in results}) == 1
    assert (shop.count(), shop.count(Delivery)) == (1, 2)


def test_an_achievement_awarded_by_eight_people_at_once_is_held_once(shop: Shop) -> None:
    gifts = [shop.gift(badges=(shop.once,), occasion=f"slash:{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(shop.award, gifts))

    assert sorted(result.given[0].outcome for result in results) == ["awarded"] + ["held"] * 7
    assert shop.count() == 1


def test_commands_about_the_same_people_in_other_orders_do_not_lock_each_other_out(
    shop: Shop,
) -> None:
    people = [shop.cast[name] for name in ("Maria", "Kim", "Ada", "Gil", "Robo")]
    orders = list(itertools.islice(itertools.permutations(people), 0, 120, 10))
    gifts = [
        shop.gift(badges=(shop.once,), recipients=order, occasion=f"slash:{n}", reason=str(n))
        for n, order in enumerate(orders)
    ]

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(shop.award, gifts))

    assert sorted(len(result.awarded) for result in results) == [0] * 11 + [5]
    assert [one.recipient for result in results for one in result.awarded] in map(list, orders)


def test_flair_can_be_given_again_and_an_achievement_cannot(shop: Shop) -> None:
    both = (shop.flair, shop.once)
    shop.award(shop.gift(badges=both))

    again = shop.award(shop.gift(badges=both, occasion="slash:2", reason="Again"))

    assert [one.outcome for one in again.given] == ["awarded", "held"]


def test_a_private_award_of_somebody_else_never_makes_an_award_be_refused(shop: Shop) -> None:
    shop.award(shop.gift(badges=(shop.once,), private=True))

    done = shop.award(shop.gift("Ada", badges=(shop.once,), occasion="slash:2"))

    assert done.given[0].outcome == "awarded"


def test_a_private_award_of_laurels_own_never_makes_an_award_be_refused(shop: Shop) -> None:
    occasion = Occasion(
        key="tenure:1:30d",
        recipient_id=shop.cast["Maria"].id,
        badge=shop.once,
        batch_id=new_id(NOW),
        reason="",
        at=NOW,
        private=True,
    )
    shop.database.write(
        lambda session: awarding.award_many(
            session,
            workspace=shop.workspace,
            settings=SETTINGS,
            occasions=[occasion],
            now=NOW,
        )
    )

    done = shop.award(shop.gift(badges=(shop.once,)))

    assert [one.outcome for one in done.given] == ["awarded"]
    assert shop.count() == 2


def test_ones_own_private_award_of_an_achievement_is_not_repeated(shop: Shop) -> None:
    shop.award(shop.gift(badges=(shop.once,), private=True))

    again = shop.gift(badges=(shop.once,), private=True, occasion="slash:2")

    assert shop.award(again).given[0].outcome == "held"


def test_a_private_or_quiet_award_is_not_announced_in_the_feed(shop: Shop) -> None:
    shop.award(shop.gift(private=True))
    shop.award(shop.gift(to="Kim", quiet=True, occasion="slash:2"))

    assert shop.deliveries() == [("notify", "dm"), ("notify", "dm")]


def test_the_same_words_within_a_minute_are_asked_about_and_then_given_if_meant(shop: Shop) -> None:
    shop.award(shop.gift())
    shop.now += timedelta(seconds=40)

    with pytest.raises(SameAgainError):
        shop.award(shop.gift(occasion="slash:2"))
    assert shop.count() == 1

    assert shop.award(shop.gift(occasion="slash:2", confirmed=True)).awarded
    shop.now += timedelta(seconds=61)
    assert shop.award(shop.gift(occasion="slash:3")).awarded


def test_undo_takes_back_what_the_command_awarded_and_has_its_posts_amended(shop: Shop) -> None:
    done = shop.award(shop.gift())
    shop.now += timedelta(minutes=10)

    taken = shop.undo("Tom", done.batch_id)

    assert [(row.code, row.undone) for row in taken] == [(done.given[0].code, False)]
    assert shop.deliveries()[2:] == [("amend", "dm"), ("amend", "channel:C0KUDOS")]
    assert shop.undo("Tom", done.batch_id) == []  # a second click
    assert len(shop.deliveries()) == 4


def test_after_undo_the_same_can_be_given_again(shop: Shop) -> None:
    done = shop.award(shop.gift(badges=(shop.once,)))
    shop.undo("Tom", done.batch_id)

    again = shop.award(shop.gift(badges=(shop.once,), occasion="slash:2"))

    assert again.given[0].outcome == "awarded"


def test_a_command_that_slack_repeats_after_its_undo_does_not_award_again(shop: Shop) -> None:
    done = shop.award(shop.gift())
    shop.undo("Tom", done.batch_id)

    assert [one.outcome for one in shop.award(shop.gift()).given] == ["undone"]
    assert shop.count() == 1


def test_undo_is_for_the_giver_and_for_ten_minutes(shop: Shop) -> None:
    done = shop.award(shop.gift())

    with pytest.raises(NotFoundError, match="can’t find that award"):
        shop.undo("Maria", done.batch_id)
    shop.now += timedelta(minutes=10, seconds=1)
    with pytest.raises(BadRequestError, match=f"ten minutes.*/award revoke {done.given[0].code}"):
        shop.undo("Tom", done.batch_id)


def test_giver_and_badge_admins_can_revoke_and_nobody_else(shop: Shop) -> None:
    first = shop.award(shop.gift()).given[0].code
    second = shop.award(shop.gift(occasion="slash:2", reason="Again")).given[0].code

    with pytest.raises(NotPermittedError, match="Only whoever gave"):
        shop.revoke("Kim", first)
    with pytest.raises(NotPermittedError, match="/badges hide"):
        shop.revoke("Maria", first)
    shop.revoke("Tom", first, "a mistake")
    shop.revoke("Ada", second)
    with pytest.raises(BadRequestError, match=r"revoked .* already"):
        shop.revoke("Tom", first)

    row = shop.database.read(
        lambda session: awards.by_code(session, workspace_id=shop.workspace.id, code=first)
    )
    assert row is not None
    assert (row.revoke_reason, row.revoked_by, row.undone) == (
        "a mistake",
        shop.cast["Tom"].id,
        False,
    )


def test_a_private_award_is_refused_to_others_in_the_words_for_one_that_does_not_exist(
    shop: Shop,
) -> None:
    code = shop.award(shop.gift(private=True)).given[0].code

    with pytest.raises(NotFoundError) as private:
        shop.revoke("Kim", code)
    with pytest.raises(NotFoundError) as absent:
        shop.revoke("Kim", "A-0000000")
    assert str(private.value).replace(code, "A-0000000") == str(absent.value)
    shop.revoke("Ada", code)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_gave_a_private_award_revokes_it_and_its_recipient_reads_who_can(
    shop: Shop,
) -> None:
    code = shop.award(shop.gift(private=True)).given[0].code

    with pytest.raises(NotPermittedError, match="/badges hide"):
        shop.revoke("Maria", code)
    assert shop.revoke("Tom", code).code == code


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_undo_after_a_command_that_was_served_in_part_takes_back_the_rest_alone(
    shop: Shop,
) -> None:
    first = shop.award(shop.gift())

    both = shop.award(shop.gift(recipients=(shop.cast["Maria"], shop.cast["Kim"])))

    assert {one.recipient.name for one in both.awarded} == {"Maria Silva", "Kim Guest"}
    assert both.batch_id != first.batch_id
    taken = shop.undo("Tom", both.batch_id)
    assert [row.recipient_id for row in taken] == [shop.cast["Kim"].id]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_givers_at_once_give_a_person_no_more_than_the_badge_allows(shop: Shop) -> None:
    limited = shop.flair._replace(recipient_limit="1/day")

    def award(session: Connection) -> None:
        awarding.award(
            session,
            workspace=shop.workspace,
            settings=SETTINGS,
            gift=shop.gift("Ada", badges=(limited,)),
            now=shop.now,
        )

    with pytest.raises(BadRequestError, match="as often as one person may today"):
        meanwhile(
            shop.database,
            award,
            lambda: shop.award(shop.gift(badges=(limited,), occasion="slash:2")),
        )
    assert shop.count() == 1


def test_what_is_rolled_back_leaves_neither_award_nor_announcement(shop: Shop) -> None:
    def award_and_fail(session: Connection) -> None:
        awarding.award(
            session, workspace=shop.workspace, settings=SETTINGS, gift=shop.gift(), now=NOW
        )
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shop.database.write(award_and_fail)
    assert (shop.count(), shop.count(Delivery)) == (0, 0)


def test_codes_are_crockford_and_differ() -> None:
    codes = {awarding.new_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert all(len(code) == 9 and not set(code[2:]) & set("ILOU") for code in codes)


def test_who_undoes_what_somebody_is_just_revoking_reads_who_was_first(shop: Shop) -> None:
    award = table_of(Award)
    batch_id = shop.award(shop.gift()).batch_id
    code = shop.database.read(lambda session: session.execute(select(award.c.code)).scalar_one())

    def revoke(session: Connection) -> None:
        revoking.revoke(
            session,
            workspace=shop.workspace,
            settings=SETTINGS,
            actor=shop.cast["Ada"],
            code=code,
            reason="not earned",
            now=shop.now,
        )

    with pytest.raises(BadRequestError, match="revoked already by Ada"):
        meanwhile(shop.database, revoke, lambda: shop.undo("Tom", batch_id))
    [(reason, undone)] = shop.database.read(
        lambda session: session.execute(select(award.c.revoke_reason, award.c.undone)).all()
    )
    assert (reason, undone) == ("not earned", False)
