"""What people read of anniversaries, and what is looked at again when it is sent."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from slack_sdk import WebClient

from bot import jobs
from bot.anniversaries import run_day
from bot.announcing import Announcer
from bot.delivery import Courier
from bot.deps import WorkspaceRef
from bot.messages.anniversaries import Celebrated, digest
from bot.messages.fitting import MOST_BLOCKS, MOST_CHARACTERS, characters
from bot.privacy.erasing import erase
from bot.revoking import amend
from bot.service import Entry
from bot.tenure import Length, Rule
from storage import employment, people
from storage.badges import BadgeRow
from storage.employment import EmploymentRow
from storage.people import PersonRow
from storage.types import new_id
from tests.anniversaries.conftest import Company, at
from tests.cast import CAST
from tests.permissions.conftest import change_badge
from tests.world import MakeWorld, World


class Town(Company):
    """The company of a world, whose people are the cast and whose time is Slack's."""

    def __init__(self, world: World) -> None:
        self.world = world
        super().__init__(world.database, world.workspace, world.now())
        self.settings = world.settings
        self.people = dict(world.people)

    def travel(self, text: str) -> None:
        self.world.engine.advance(at(text) - self.world.now())
        self.now = self.world.now()

    def celebrate(self) -> None:
        jobs.celebrate(self.world.laurel.deps, self.workspace)
        self.world.deliver()

    def feed(self) -> list[str]:
        return [message.reads().replace("*", "") for message in self.world.feed()]

    def dm(self, name: str) -> str:
        """The only message that somebody got."""
        (message,) = self.world.dms(name)
        return message.reads().replace("*", "")

    def erase(self, name: str) -> bool:
        return self.database.write(
            lambda session: erase(
                session,
                workspace=self.workspace,
                person_id=self.people[name].id,
                now=self.now,
            )
        )

    def manage(self, manager: str, *names: str) -> None:
        rows = {self.people[name].id: EmploymentRow(self.people[manager].id) for name in names}
        self.database.write(
            lambda session: employment.save(session, workspace_id=self.workspace.id, rows=rows)
        )

    def save(self, name: str, **changes: object) -> None:
        profile = next(one for one in CAST if one.slack_id == self.people[name].slack_id)
        self.database.write(
            lambda session: people.save_profiles(
                session,
                workspace_id=self.workspace.id,
                profiles=[profile._replace(**changes)],  # type: ignore[arg-type]
                now=self.now,
            )
        )


@pytest.fixture
def town(world: World) -> Town:
    """Acme on Friday, 20 November 2026, in the afternoon."""
    return Town(world)


def test_the_feed_and_the_person_read_of_a_year(town: Town) -> None:
    town.enter("maria", "2021-11-23")
    town.travel("2026-11-23T09:00")
    town.celebrate()
    (post,) = town.feed()
    assert "Maria Silva celebrates 5 years with us today." in post
    assert "Congratulations on 5 years with us!" in town.dm("maria")
    assert "/badges hide A-" in town.dm("maria")
    assert town.ledger("maria")[-1].state == "announced"


def test_six_on_one_day_are_one_digest_in_which_everybody_is_mentioned(town: Town) -> None:
    names = ["ada", "maria", "tom", "yuki"]
    town.decide(digest_above=3, person_timezone=False)
    for years, name in enumerate(names, start=1):
        town.enter(name, f"{2026 - years}-11-23")
    town.travel("2026-11-23T09:00")
    town.celebrate()
    (post,) = town.feed()
    assert "4 colleagues celebrate today." in post
    assert post.index("由紀 Tanaka") < post.index("Ada Admin")
    (message,) = town.world.feed()
    for name in names:
        assert f"<@{town.people[name].slack_id}>" in str(message.blocks)
    assert [len(town.world.dms(name)) for name in names] == [1, 1, 1, 1]
    assert {town.ledger(name)[-1].state for name in names} == {"announced"}


def test_a_length_whose_badge_has_a_channel_of_its_own_is_celebrated_there(town: Town) -> None:
    hall = town.world.channel("hall-of-fame", members=["ada"])
    change_badge(town.world, "5-years", feed_channel=hall.id)
    town.decide(digest_above=1, person_timezone=False)
    for name, began in (("ada", 2021), ("maria", 2021), ("tom", 2024), ("yuki", 2025)):
        town.enter(name, f"{began}-11-23")
    town.travel("2026-11-23T09:00")

    town.celebrate()

    (post,) = town.feed()
    (there,) = [message.reads() for message in town.world.engine.messages(hall)]
    assert ("Tom Okafor" in post, "由紀 Tanaka" in post, "Maria Silva" in post) == (
        True,
        True,
        False,
    )
    assert ("Ada Admin" in there, "Maria Silva" in there, "Tom Okafor" in there) == (
        True,
        True,
        False,
    )


def test_who_chooses_otherwise_before_it_is_sent_is_not_named(town: Town) -> None:
    town.decide(digest_above=2, person_timezone=False)
    for name in ("ada", "maria", "tom", "yuki"):
        town.enter(name, "2025-11-23")
    town.travel("2026-11-23T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.choose("maria", "nothing")
    town.choose("tom", "dm")
    town.save("yuki", active=False)
    town.world.deliver()
    (post,) = town.feed()
    assert "Ada Admin" in post
    assert not any(name in post for name in ("Maria", "Tom", "Tanaka"))
    assert town.world.dms("maria") == []
    assert len(town.world.dms("tom")) == 1
    states = {name: town.ledger(name)[-1].state for name in ("ada", "maria", "tom", "yuki")}
    assert states == {"ada": "announced", "maria": "silent", "tom": "told", "yuki": "silent"}


def test_who_left_before_it_is_sent_is_not_congratulated(town: Town) -> None:
    town.enter("maria", "2025-11-20")
    town.travel("2026-11-20T15:30")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.travel("2026-11-21T10:00")
    town.enter("maria", Entry(date(2025, 11, 20), date(2026, 11, 20)))
    town.world.deliver()
    assert town.feed() == []
    assert town.world.dms("maria") == []


def test_a_corrected_date_takes_its_post_out_of_the_line(town: Town) -> None:
    town.enter("maria", "2025-11-23")
    town.travel("2026-11-23T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.enter("maria", "2025-11-24")
    town.world.deliver()
    assert town.feed() == []
    town.travel("2026-11-24T09:00")
    town.celebrate()
    assert len(town.feed()) == 1


def test_what_was_missed_is_told_a_little_late(town: Town) -> None:
    town.enter("maria", "2025-11-23")
    town.travel("2026-11-25T09:00")
    town.celebrate()
    assert "celebrates 1 year with us – a little late" in town.feed()[0]


def test_what_is_sent_some_days_after_it_was_recorded_says_so_and_stays_as_it_was_told(
    town: Town,
) -> None:
    for name, began in (("maria", "2025-11-23"), ("tom", "2025-11-26")):
        town.enter(name, began)
    for day in ("2026-11-23T18:00", "2026-11-26T18:00"):
        town.travel(day)
        jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.world.deliver()
    told = ["a little late, and no less", "celebrates 1 year with us today"]
    assert [words in post for words, post in zip(told, town.feed(), strict=True)] == [True, True]
    assert "with us – a little late!" in town.dm("maria")
    assert "with us!" in town.dm("tom")

    town.travel("2026-12-20T09:00")
    town.decide(belated_days=0)
    for name in ("maria", "tom"):
        newest = town.awards(name)[:1]
        town.database.write(partial(amend, workspace=town.workspace, rows=newest, now=town.now))
    assert town.world.deliver() == 4

    assert [words in post for words, post in zip(told, town.feed(), strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("days", "moment", "told"),
    [
        (0, "2026-11-23T18:00", True),
        (0, "2026-11-24T00:30", False),
        (2, "2026-11-25T23:30", True),
        (2, "2026-11-26T00:30", False),
    ],
)
def test_how_long_something_missed_is_told_is_counted_in_days(
    town: Town, days: int, moment: str, told: bool
) -> None:
    town.decide(belated_days=days)
    town.enter("maria", "2025-11-23")
    town.travel(moment)
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.world.deliver()

    assert bool(town.feed()) == told
    assert town.badges("maria")[-1] == "1-year"


def test_what_could_not_be_sent_for_longer_than_something_missed_is_told_stays_untold(
    town: Town,
) -> None:
    town.decide(belated_days=2)
    town.enter("maria", "2025-11-23")
    town.travel("2026-11-23T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.travel("2026-11-26T09:00")
    town.world.deliver()

    assert (town.feed(), town.world.dms("maria")) == ([], [])
    line = town.ledger("maria")[-1]
    assert (line.state, line.reason) == ("silent", "waited too long to be sent")
    said = town.world.command("maria", "/badges", "why 1-year").reads()
    assert "Nobody was told: it could not be sent for so long" in said
    assert town.badges("maria")[-1] == "1-year"


def test_whether_it_is_late_is_asked_where_people_are_when_it_is_told_and_noted(
    make_world: MakeWorld,
) -> None:
    """In the evening of the last day on which it is told in Los Angeles, which is over in UTC."""
    town = Town(make_world(timezone="America/Los_Angeles"))
    town.decide(belated_days=1, person_timezone=False)
    town.enter("maria", "2025-11-23")
    town.world.command("maria", "/badges", "dm off")
    town.travel("2026-11-23T18:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.travel("2026-11-25T01:30")
    town.world.deliver()
    assert [line.state for line in town.ledger("maria")][-1] == "announced"

    town.enter("maria", "2025-11-24")
    town.travel("2026-11-25T02:30")
    town.celebrate()
    (post,) = town.feed()
    assert "with us – a little late" in post


def test_who_has_direct_messages_off_reads_so_also_of_what_waited(town: Town) -> None:
    town.decide(belated_days=1)
    town.enter("maria", "2025-11-23")
    town.world.command("maria", "/badges", "dm off")
    town.travel("2026-11-23T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.travel("2026-11-26T09:00")
    town.world.deliver()
    line = town.ledger("maria")[-1]
    assert (line.state, line.reason) == ("silent", "switched off")


def test_what_is_announced_on_purpose_long_afterwards_is_told(town: Town) -> None:
    town.enter("maria", "2025-10-23")
    run_day(
        town.database,
        workspace=town.workspace,
        settings=town.settings,
        on=date(2026, 10, 23),
        now=town.now,
    )
    town.world.deliver()
    assert "with us – a little late" in town.feed()[0]


def test_30_days_are_told_in_a_direct_message_alone(town: Town) -> None:
    town.enter("maria", "2026-10-25")
    town.travel("2026-11-24T09:00")
    town.celebrate()
    assert town.feed() == []
    assert "Congratulations on 30 days with us!" in town.dm("maria")


def test_who_chose_direct_messages_gets_a_badge_that_only_they_see(town: Town) -> None:
    town.choose("maria", "dm")
    town.enter("maria", "2025-11-23")
    town.travel("2026-11-23T09:00")
    town.celebrate()
    assert town.feed() == []
    assert "Only you and badge admins can see that." in town.dm("maria")
    assert "1 Year" not in town.world.command("tom", "/badges", "@maria").reads()


def test_a_manager_is_reminded_a_week_before(town: Town) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.manage("tom", "maria")
    town.travel("2026-11-21T08:59")
    town.celebrate()
    assert town.world.dms("tom") == []
    town.travel("2026-11-21T09:00")
    for _ in range(3):
        town.celebrate()
        town.travel((town.now + timedelta(hours=1)).isoformat()[:19])
    said = town.dm("tom")
    assert "Maria Silva completes 5 years with us: Saturday 28 November." in said
    assert "I post it in #kudos at 9:00" in said
    assert town.feed() == []


def test_a_reminder_links_the_feed_that_was_chosen_in_settings(town: Town) -> None:
    kudos = town.world.kudos.id
    town.world.decide(feed_channel=kudos)
    town.enter("maria", "2021-11-28")
    town.manage("tom", "maria")
    town.travel("2026-11-21T09:00")
    town.celebrate()
    town.world.deliver()
    assert f"I post it in <#{kudos}> at" in str(town.world.dms("tom"))


def test_a_manager_is_not_reminded_of_who_left_or_chose_nothing(town: Town) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.enter("yuki", "2021-11-28")
    town.manage("tom", "maria", "yuki")
    town.travel("2026-11-21T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    town.choose("maria", "nothing")
    town.save("yuki", active=False)
    town.world.deliver()
    assert town.world.dms("tom") == []


def test_a_reminder_on_its_way_goes_again_where_who_it_names_is_erased_meanwhile(
    town: Town,
) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.manage("tom", "maria")
    town.travel("2026-11-21T09:00")
    jobs.celebrate(town.world.laurel.deps, town.workspace)
    erased: list[bool] = []

    def erase_first(workspace: WorkspaceRef) -> WebClient:
        """Slack's client, once what is to be said was read."""
        if not erased:
            erased.append(town.erase("maria"))
        return town.world.laurel.deps.slack(workspace)

    courier = Courier(
        database=town.database,
        slack=erase_first,
        clock=town.world.now,
        announcing=Announcer(lambda *_: {}, settings=town.settings),
        draw=lambda *_: (b"", "", ""),
    )
    assert courier.run_due() == 1
    assert erased == [True]
    assert "Maria Silva" in town.dm("tom")
    town.world.deliver()
    assert town.world.dms("tom") == []


def test_what_reminded_a_manager_goes_where_who_it_names_is_erased_long_afterwards(
    town: Town,
) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.manage("tom", "maria")
    town.travel("2026-11-21T09:00")
    town.celebrate()
    assert "Maria Silva" in town.dm("tom")
    town.travel("2028-01-10T09:00")
    jobs.keep_house(town.world.laurel.deps, town.workspace)

    town.erase("maria")
    town.world.deliver()

    assert town.world.dms("tom") == []


def test_after_an_outage_a_manager_is_reminded_of_all_that_is_still_to_come(town: Town) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.manage("tom", "maria")
    town.travel("2026-11-20T16:00")
    town.celebrate()
    town.travel("2026-11-26T10:00")  # Laurel was down when the week before began
    town.celebrate()
    town.celebrate()
    assert "Maria Silva completes 5 years with us: Saturday 28 November." in town.dm("tom")


def test_a_start_date_that_is_entered_late_still_reminds_the_manager(town: Town) -> None:
    town.decide(person_timezone=False)
    town.manage("tom", "maria")
    town.enter("yuki", "2020-01-01")
    town.celebrate()
    town.travel("2026-11-25T10:00")
    town.celebrate()
    town.enter("maria", "2021-11-28")
    for _ in range(3):
        town.travel((town.now + timedelta(hours=1)).isoformat()[:19])
        town.celebrate()
    assert "Maria Silva completes 5 years with us: Saturday 28 November." in town.dm("tom")


def test_a_manager_hears_afterwards_of_what_is_told_belatedly(town: Town) -> None:
    town.decide(person_timezone=False)
    town.enter("maria", "2021-11-28")
    town.enter("yuki", "2021-11-21")
    town.manage("tom", "maria", "yuki")
    town.travel("2026-11-30T10:00")
    town.celebrate()
    assert town.dm("tom").startswith("Maria Silva completed 5 years with us: Saturday 28 November.")
    assert "little late" in town.feed()[0]


def test_a_badge_of_any_number_of_years_is_made_and_drawn(make_world: MakeWorld) -> None:
    world = make_world(draw=True)
    town = Town.__new__(Town)
    town.world, town.database, town.workspace = world, world.database, world.workspace
    town.settings, town.people, town.now = world.settings, dict(world.people), world.now()
    town.enter("maria", "2009-11-23")
    town.decide(person_timezone=False, rules=(Rule(Length(17, "y"), feed=True),))
    town.travel("2026-11-23T09:00")
    town.celebrate()
    assert "17 years" in town.feed()[0]
    assert any(file.name.startswith("17-years") for file in world.engine.files)
    assert "17 Years" in world.command("tom", "/badges", "show 17-years").reads()


def person(number: int) -> PersonRow:
    return PersonRow(
        new_id(), f"U{number:010d}", f"Person {number}", None, None, True, False, False, False
    )


def test_a_digest_of_240_keeps_every_mention_and_slacks_limits() -> None:
    years = [Length(1 + number % 30, "y") for number in range(240)]
    told = [
        Celebrated(person(number), length, _badge(length), "A-0000000")
        for number, length in enumerate(years)
    ]
    made = digest(told, card=lambda badge: {"slack_file": {"id": "F1"}})
    written = str(made.blocks)
    assert all(f"<@{one.person.slack_id}>" in written for one in told)
    assert characters(made.blocks) <= MOST_CHARACTERS
    assert len(made.blocks) <= MOST_BLOCKS
    assert sum(block["type"] == "image" for block in made.blocks) == 1
    same = [replace(one, length=Length(1, "y")) for one in told]
    assert all(
        len(block["text"]["text"]) <= 3000
        for block in digest(same, card=lambda badge: None).blocks
        if block["type"] == "section"
    )


def _badge(length: Length) -> BadgeRow:
    name = length.words
    return BadgeRow(
        new_id(), length.slug, "flair", False, True, True, None, 0, new_id(),
        name, "", "", "Seniority", None, name,
    )  # fmt: skip


def test_colleagues_learn_of_a_milestone_only_where_it_was_announced(town: Town) -> None:
    town.enter("maria", "2021-11-02")  # five years were over before her date was entered
    town.enter("tom", "2021-11-23")
    town.celebrate()
    town.travel("2026-11-23T15:00")  # nine o'clock in New York is past
    town.celebrate()

    assert "5 Years" in town.world.command("maria", "/badges").reads()
    assert "5 Years" not in town.world.command("yuki", "/badges", "@maria").reads()
    assert "5 Years" in town.world.command("yuki", "/badges", "@tom").reads()


def test_revoking_an_anniversary_takes_its_post_down_or_the_person_out_of_the_digest(
    town: Town,
) -> None:
    town.decide(person_timezone=False, digest_above=1)
    town.enter("maria", "2021-11-23")
    town.travel("2026-11-23T09:00")
    town.celebrate()
    town.enter("tom", "2021-11-24")
    town.enter("yuki", "2021-11-24")
    town.travel("2026-11-24T09:00")
    town.celebrate()
    codes = {name: town.awards(name)[0].code for name in ("maria", "tom", "yuki")}

    said = town.world.command("ada", "/award", f"revoke {codes['maria']}").reads()
    assert said.endswith("is revoked. I’m taking the feed post down, too.")
    said = town.world.command("ada", "/award", f"revoke {codes['tom']}").reads()
    assert said.endswith("is revoked. I’m taking them out of the feed post.")
    town.world.deliver(within=timedelta(minutes=5))
    (left,) = town.feed()
    assert "Tanaka" in left
    assert "Tom" not in left


def test_revoking_what_the_feed_was_never_told_of_promises_no_post(town: Town) -> None:
    town.enter("maria", "2026-10-25")
    town.travel("2026-11-24T09:00")
    town.celebrate()
    said = town.world.command("ada", "/award", f"revoke {town.awards('maria')[0].code}").reads()
    assert said.endswith("is revoked.")
