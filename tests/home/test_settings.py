"""The tab Settings: what badge admins and owners decide, and nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot import policies, rules
from bot.grants import EVERYONE, Grant
from bot.playground import CannotActError
from tests.home.reading import elements, open_home, read_home
from tests.world import MakeWorld, World


def open_settings(world: World, who: str = "ada", section: str = "") -> str:
    """Go to a part of Settings and read it."""
    open_home(world, who)
    world.click(who, "home_go_tab_settings")
    world.click(who, f"home_go_section_{section}")
    return read_home(world, who)


def decided(world: World, name: str) -> object:
    """What holds in the workspace."""
    settings = world.laurel.deps.settings
    return getattr(
        world.database.read(
            lambda session: rules.in_force(session, settings, workspace_id=world.workspace.id)
        ),
        name,
    )


def audited(world: World) -> list[tuple[str, str, str]]:
    """The audit: action, subject and detail, oldest first."""
    return [
        tuple(row)  # type: ignore[misc]
        for row in world.database.read(
            lambda session: session.execute(
                text("SELECT action, subject, detail FROM audit_entry ORDER BY id")
            ).all()
        )
    ]


def test_only_badge_admins_have_the_tab(world: World) -> None:
    assert "home_go_tab_settings" in (open_home(world, "ada") and elements(world, "ada"))
    assert "home_go_tab_settings" not in (open_home(world, "tom") and elements(world, "tom"))


def test_a_menu_decides_at_once_and_the_audit_has_it(world: World) -> None:
    open_settings(world, section="roles")
    world.choose("ada", "settings_choose_self_awards", option="on")

    assert "*Awarding oneself*: on" in read_home(world, "ada")
    assert decided(world, "self_awards") is True
    assert audited(world) == [("setting.changed", "self_awards", '{"from": false, "to": true}')]


def test_somebody_who_lost_the_role_changes_nothing_any_more(world: World) -> None:
    open_settings(world, section="roles")
    world.engine.change_user("ada", is_admin=False)
    world.choose("ada", "settings_choose_self_awards", option="on")

    assert decided(world, "self_awards") is False
    view = world.view("ada")
    assert view is not None
    assert "A badge admin can change settings" in str(view.blocks)


def test_a_feed_channel_that_laurel_is_in_is_taken(world: World) -> None:
    channel = world.channel("praise", members=["ada"])
    open_settings(world)
    world.click("ada", "settings_edit_feed_channel")
    done = world.submit("ada", values={"channel": channel.id})

    assert done.view is not None
    assert f"in <#{channel.id}> from now on" in str(done.view.blocks)
    assert decided(world, "feed_channel") == channel.id
    assert f"<#{channel.id}>" in read_home(world, "ada")


def test_a_public_channel_is_joined_at_the_press_of_a_button(world: World) -> None:
    channel = world.channel("praise", members=["ada"], bot_member=False)
    open_settings(world)
    world.click("ada", "settings_edit_feed_channel")
    asked = world.submit("ada", values={"channel": channel.id})
    before = decided(world, "feed_channel")
    done = world.click("ada", "settings_feed_join")

    assert asked.view is not None
    assert "not in" in str(asked.view.blocks)
    assert before == "kudos"
    assert done.view is not None
    assert "from now on" in str(done.view.blocks)
    assert decided(world, "feed_channel") == channel.id


def test_a_private_channel_says_what_to_do(world: World) -> None:
    channel = world.channel("secret", members=["ada"], private=True, bot_member=False)
    open_settings(world)
    world.click("ada", "settings_edit_feed_channel")
    asked = world.submit("ada", values={"channel": channel.id})

    assert asked.view is not None
    assert "/invite @Laurel" in str(asked.view.blocks)
    assert decided(world, "feed_channel") == "kudos"


def test_a_timezone_is_found_by_its_city(world: World) -> None:
    open_settings(world)
    world.click("ada", "settings_edit_timezone")
    assert world.type_ahead("ada", "settings_timezone", "lisb") == ["Europe/Lisbon"]
    world.submit("ada", values={"timezone": "Europe/Lisbon"})

    assert decided(world, "timezone") == "Europe/Lisbon"
    assert "*Timezone*: Europe/Lisbon" in read_home(world, "ada")


def test_a_limit_that_cannot_be_read_is_said_at_its_field(world: World) -> None:
    open_settings(world, section="roles")
    world.click("ada", "settings_edit_limits")
    refused = world.submit("ada", values={"awarder": "lots"})
    assert "write it like 5/week" in refused.errors["awarder"]
    world.submit("ada", values={"awarder": "5 a week"})

    assert "*Limits*: awarders 5 a week" in read_home(world, "ada")


def test_a_role_is_given_to_people_and_groups_by_handle(world: World) -> None:
    world.engine.add_group("platform", members=["tom", "yuki"])
    open_settings(world, section="roles")
    world.click("ada", "settings_edit_awarders")
    wrong = world.submit(
        "ada", values={"who": "these", "people": ["UMARIA"], "groups": "@platfrom"}
    )
    assert wrong.view is not None
    assert "@platfrom" in str(wrong.view.blocks)
    world.submit("ada", values={"groups": "@platform"})

    assert "*Who may award*: <@UMARIA> and <!subteam^" in read_home(world, "ada")
    world.engine.close("ada")
    world.click("ada", "settings_edit_awarders")
    shown = world.view("ada")
    assert shown is not None
    groups = next(one for one in shown.blocks if one.get("block_id") == "groups")
    assert groups["element"]["initial_value"] == "@platform"
    world.close("ada")
    assert world.command("tom", "/award", "@maria team-player Thanks").message is not None
    assert world.command("kim", "/award", "").view is None
    assert audited(world)[0][0] == "role.changed"


def test_everyone_and_somebody_besides_contradict_each_other(world: World) -> None:
    open_settings(world, section="roles")
    world.click("ada", "settings_edit_awarders")
    refused = world.submit("ada", values={"who": "everyone", "people": ["UMARIA"]})

    assert "Everyone is everyone already" in refused.errors["who"]


def test_a_policy_is_previewed_before_it_is_saved(world: World) -> None:
    open_settings(world, section="anniversaries")
    world.click("ada", "settings_policy_weekend")
    seen = world.submit("ada", values={"weekend": "On the next working day"})
    assert seen.view is not None
    assert "*Weekends*: on the day → on the next working day" in str(seen.view.blocks)
    before = world.database.read(
        lambda session: policies.load(session, workspace_id=world.workspace.id)
    )
    assert before.calendar.weekend == "on_the_day"
    world.submit("ada")
    after = world.database.read(
        lambda session: policies.load(session, workspace_id=world.workspace.id)
    )

    assert after.calendar.weekend == "next_working_day"
    assert "*Weekends*: on the next working day" in read_home(world, "ada")


def test_policies_are_read_in_words_and_the_hour_is_chosen(world: World) -> None:
    said = open_settings(world, section="anniversaries")
    for words in (
        "*Milestones*: 30 days, 90 days, 6 months, every year\n",
        "*29 February*: on 28 February\n",
        "*Hour*: at 9:00\nWhen anniversaries are announced. Default: at 9:00.",
        "*Told belatedly*: for 7 days\n",
        "*One post for many*: with more than 5 in an hour\n",
        "*Reminding managers*: 7 days before\n",
        "*Trusted start dates*: the HR file, then what is entered in Slack, then",
    ):
        assert words in said
    world.click("ada", "settings_policy_hour")
    world.submit("ada", values={"hour": "At 14:00"})
    world.submit("ada")
    world.click("ada", "settings_policy_quiet")
    world.submit("ada", values={"quiet": "12-24..01-01, 2026-05-04"})
    world.submit("ada")
    world.click("ada", "settings_policy_lengths")
    shown = world.submit("ada", values={"lengths": "45 days, every 5 years"})
    assert shown.view is not None

    said = read_home(world, "ada")
    assert "*Hour*: at 14:00" in said
    assert "*Quiet days*: 24 Dec to 1 Jan, 4 May 2026" in said
    assert "→ 45 days, every 5 years" in shown.view.reads()


def test_where_start_dates_come_from_is_read_and_written_in_words(world: World) -> None:
    codes = re.compile(r"\b(hr|entry)\b")
    open_settings(world, section="anniversaries")
    form = world.click("ada", "settings_policy_sources").view
    assert form is not None
    written = "the HR file, what is entered in Slack, Slack’s own start date, a profile field"
    assert written in str(form.blocks)
    assert "Left empty: the HR file, then what is entered in Slack, then" in form.reads()
    refused = world.submit("ada", values={"sources": "the HR file, the diary"})
    assert refused.errors["sources"].startswith("These are the HR file, what is entered in Slack,")
    assert not codes.search(form.reads() + refused.errors["sources"])
    shown = world.submit(
        "ada", values={"sources": "a profile field, HR file, entered in Slack, Slack's own date"}
    ).view
    world.submit("ada")

    assert shown is not None
    assert "→ a profile field, then the HR file, then what is entered in Slack" in shown.reads()
    assert "*Trusted start dates*: a profile field, then the HR file" in read_home(world, "ada")


def test_a_message_that_is_taken_back_is_in_my_own_words(world: World) -> None:
    tomorrow = world.now().date() + timedelta(days=1)
    since = tomorrow.replace(year=tomorrow.year - 5)
    world.command("ada", "/badges", f"since @maria {since}")
    open_settings(world, section="anniversaries")

    def say(message: str) -> str:
        open_settings(world, section="anniversaries")
        world.click("ada", "settings_policy_every-year")
        shown = world.submit("ada", values={"message": message}).view
        world.submit("ada")
        assert shown is not None
        return shown.reads()

    assert "*Every year, message*: my own words → Hooray" in say("Hooray")
    shown = say("")
    assert "*Every year, message*: Hooray → my own words" in shown
    assert "Maria Silva, 5 years: with my own words" in shown
    assert "Laurel's own words" not in open_settings(world, section="audit")


def test_a_preview_has_its_days_in_the_readers_language(world: World) -> None:
    tomorrow = world.now().date() + timedelta(days=1)
    world.command("ada", "/badges", f"since @tom {tomorrow.replace(year=tomorrow.year - 5)}")
    world.engine.change_user("ada", locale="de-DE")
    open_settings(world, section="anniversaries")
    world.click("ada", "settings_policy_unless_chosen")
    shown = world.submit("ada", values={"unless_chosen": "Not told"}).view

    assert shown is not None
    assert "Celebrations until Fr., 15. Jan. 2027 that" in shown.reads()
    assert "Sa., 21. Nov.: Tom Okafor, 5 years: nobody is told" in shown.reads()


@pytest.mark.parametrize(("name", "most"), [("belated_days", 365), ("reminder_days", 60)])
def test_a_number_in_words_is_asked_for_in_digits(world: World, name: str, most: int) -> None:
    open_settings(world, section="anniversaries")
    world.click("ada", f"settings_policy_{name}")
    refused = world.submit("ada", values={name: "seven"})

    assert refused.errors == {name: f"Please give a number from 0 to {most}, not “seven”."}


def test_a_milestones_badge_that_is_not_there_is_said_at_its_field(world: World) -> None:
    open_settings(world, section="anniversaries")
    world.click("ada", "settings_policy_30d")
    refused = world.submit("ada", values={"badge": "no-such-badge"})

    assert (
        refused.errors["badge"] == "There is no badge “no-such-badge”; /badges catalog shows them."
    )


def test_a_milestone_has_a_badge_words_and_a_place_of_its_own(world: World) -> None:
    open_settings(world, section="anniversaries")
    world.click("ada", "settings_policy_30d")
    world.submit(
        "ada", values={"badge": "team-player", "message": "A month already!", "feed": "On"}
    )
    world.submit("ada")

    said = read_home(world, "ada")
    assert "*30 days* · badge `team-player` · in the feed\nA month already!" in said


def test_what_the_environment_decides_is_shown_and_stays(make_world: MakeWorld) -> None:
    world = make_world(fixed=frozenset({"feed_channel"}))
    said = open_settings(world)

    assert "`LAUREL_FEED_CHANNEL` decides this" in said
    assert "settings_edit_feed_channel" not in elements(world, "ada")


def test_a_badge_admin_reads_the_roles_and_does_not_change_them(make_world: MakeWorld) -> None:
    world = make_world(badge_admins=Grant(people=frozenset({"UMARIA"})))
    said = open_settings(world, "maria", section="roles")

    assert "*Badge admins*: <@UMARIA>" in said
    assert said.count("Only an owner can change this.") == 2
    assert "settings_edit_awarders" not in elements(world, "maria")
    assert "settings_edit_limits" in elements(world, "maria")


def test_a_role_lost_while_the_form_was_open_is_lost(world: World) -> None:
    open_settings(world, section="roles")
    world.click("ada", "settings_edit_awarders")
    world.engine.change_user("ada", is_admin=False)
    refused = world.submit("ada", values={"who": "these"})

    assert "An owner can say who has which role" in str(refused.errors)
    assert decided(world, "awarders") == EVERYONE


def test_people_who_left_are_forgotten_when_somebody_says_so(world: World) -> None:
    open_settings(world)
    world.choose("ada", "settings_choose_forget_after_months", option="After 12 months")

    assert decided(world, "forget_after_months") == 12
    assert "*People who left*: after 12 months" in read_home(world, "ada")


def test_old_audit_entries_are_cleared_when_an_owner_says_so_but_none_of_the_last_year(
    world: World,
) -> None:
    open_settings(world)
    assert "*Old audit entries*: never" in read_home(world, "ada")
    with pytest.raises(CannotActError, match="only: 0, 12, 18"):
        world.choose("ada", "settings_choose_audit_months", option="After 6 months")
    world.choose("ada", "settings_choose_audit_months", option="After 24 months")
    assert decided(world, "audit_months") == 24
    with pytest.raises(ValueError, match="12 months at least"):
        world.decide(audit_months=11)


def test_a_feed_known_by_its_name_is_turned_off_in_its_form_only_where_that_is_said(
    world: World,
) -> None:
    open_settings(world)
    form = world.click("ada", "settings_edit_feed_channel").view
    assert form is not None
    assert "It is #kudos now; please choose it here, or another." in str(form.blocks)

    one = {"channel": "Please choose one of the two: a channel, or no feed at all."}
    assert world.submit("ada").errors == one
    both = {"channel": world.kudos.id, "no_feed": ["no_feed"]}
    assert world.submit("ada", values=both).errors == one
    assert decided(world, "feed_channel") == "kudos"

    world.submit("ada", values={"channel": None, "no_feed": ["no_feed"]})
    assert decided(world, "feed_channel") == ""
    assert "*Feed channel*: none" in read_home(world, "ada")


def test_without_a_channel_there_is_no_feed(world: World) -> None:
    world.decide(feed_channel=world.kudos.id)
    open_settings(world)
    form = world.click("ada", "settings_edit_feed_channel").view
    assert form is not None
    assert form.values["channel"]["settings_value_channel"]["selected_conversation"] == (
        world.kudos.id
    )
    world.submit("ada", values={"channel": None})

    assert world.view("ada") is None
    assert decided(world, "feed_channel") == ""
    assert "*Feed channel*: none" in read_home(world, "ada")


def test_only_an_owner_decides_when_people_are_forgotten(make_world: MakeWorld) -> None:
    world = make_world(badge_admins=Grant(people=frozenset({"UMARIA", "UADA"})))
    open_settings(world, "maria")
    assert "settings_choose_forget_after_months" not in elements(world, "maria")
    assert "settings_edit_feed_channel" in elements(world, "maria")

    open_settings(world)
    world.engine.change_user("ada", is_admin=False)  # since the menu was shown
    world.choose("ada", "settings_choose_forget_after_months", option="After 12 months")

    assert decided(world, "forget_after_months") == 0
