"""Deciding on requests: by whom, once, and what everybody reads of it."""

import json
from uuid import UUID

import pytest
from sqlalchemy import Connection, text, update

from bot import correcting
from bot.grants import parse_grant
from bot.requests import deciding
from bot.requests.deciding import Click
from storage.tables import BadgeVersion, table_of
from tests.hostile.clicks import click, submission
from tests.permissions.conftest import change_badge
from tests.requests.office import ask, codes, listed, rows, said, states, with_admin
from tests.world import MakeWorld, World

WISH = "team-player I mentored three newcomers"
GONE = "That request isn’t there any more, or isn’t yours to decide."


@pytest.fixture
def office(world: World) -> World:
    """Maria asked for a badge; Ada and Tom were told."""
    with_admin(world)
    ask(world, "maria", WISH)
    world.deliver()
    return world


def id_of(world: World) -> str:
    """The only request's id."""
    [(found,)] = rows(world, "SELECT id FROM request")
    return str(found).replace("-", "")


def tampered(world: World, slack_id: str, action_id: str) -> str:
    """Click something that was never shown to this person, and read what comes back."""
    before = len(world.ephemerals(slack_id))
    world.engine.deliver(click(world, slack_id, action_id, id_of(world), where="message"))
    world.settle()
    return "\n".join(one.reads() for one in world.ephemerals(slack_id)[before:])


def test_awarding_gives_the_badge_with_the_requests_reason(office: World) -> None:
    office.click("tom", "request_award", message=office.dms("tom")[0])
    office.deliver()

    assert "Maria Silva now has *Team Player*." in office.ephemerals("tom")[-1].reads()
    [post] = office.feed()
    assert "@Maria Silva received *Team Player*\n> I mentored three newcomers" in post.reads()
    assert "From Tom Okafor" in post.reads()
    [told] = said(office, "maria")  # of the award, and not besides of the request
    assert told.startswith("Tom Okafor gave you *Team Player*.\n> I mentored three newcomers")
    assert said(office, "ada") == said(office, "tom")
    assert said(office, "ada")[0].endswith("Tom Okafor awarded it on Nov 20, 2026.")
    assert states(office) == ["awarded"]
    [(key,)] = rows(office, "SELECT occasion_key FROM award")
    assert key.startswith(f"request:{id_of(office)}:")


def test_a_second_click_awards_nothing_and_says_who_was_first(office: World) -> None:
    stale = office.dms("ada")[0]
    office.click("tom", "request_award", message=office.dms("tom")[0])
    office.click("ada", "request_award", message=stale)
    office.click("ada", "request_decline", message=stale)

    assert "Tom Okafor awarded it on" in said(office, "ada")[0]
    assert "Award it" not in said(office, "ada")[0]
    assert office.view("ada") is None
    assert (codes(office), states(office)) == (1, ["awarded"])


def test_two_who_click_at_once_award_once(make_world_pg: MakeWorld) -> None:
    world = with_admin(make_world_pg())
    ask(world, "maria", WISH)
    world.deliver()
    outcome = world.click(
        "tom", "request_award", message=world.dms("tom")[0], times=3, at_once=True
    )
    world.deliver()

    assert {answer.status for answer in (outcome.answer, *outcome.repeats)} == {200}
    assert (codes(world), len(world.feed()), states(world)) == (1, 1, ["awarded"])


def test_what_breaks_off_before_it_is_saved_has_not_happened(office: World) -> None:
    request_id = UUID(hex=id_of(office))

    def broken_off(session: Connection) -> None:
        deps = office.laurel.deps
        settings = deps.settings_in(session, office.workspace)
        click = Click(office.workspace, settings, "UADA", request_id, office.now(), deps.memory)
        deciding.award(session, click)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.database.write(broken_off)
    assert (codes(office), states(office)) == (0, ["open"])
    office.click("tom", "request_award", message=office.dms("tom")[0])
    assert (codes(office), states(office)) == (1, ["awarded"])


def test_declining_tells_the_asker_with_the_deciders_words(office: World) -> None:
    office.click("tom", "request_decline", message=office.dms("tom")[0])
    form = office.view("tom")
    assert form is not None
    assert "Maria Silva asks for *Team Player*." in form.reads()
    done = office.submit("tom", values={"request_note": "Tell me of *one* more, & it’s yours."})
    office.deliver()

    assert done.view is not None
    assert "Declined. Maria Silva hears of it" in done.view.reads()
    [told] = said(office, "maria")
    assert told.startswith(
        "Thank you for asking. Tom Okafor read your request for *Team Player*, and"
    )
    assert "> Tell me of *one* more, & it’s yours." in told
    assert said(office, "ada")[0].splitlines()[2].startswith("Tom Okafor declined it on")
    assert (codes(office), states(office)) == (0, ["declined"])
    # What was declined can be asked for again.
    assert "passed your request on" in ask(office, "maria", WISH)


def test_the_longest_names_leave_room_for_what_was_decided(world: World) -> None:
    for one in "abc":
        world.engine.add_user(one, one + "&" * 250, id=f"ULONG{one.upper()}")
    world.settle()
    with_admin(world).decide(badge_admins=parse_grant("ULONGC"))
    world.database.write(
        lambda session: session.execute(
            update(table_of(BadgeVersion)).values(name="Team Player" + "&" * 240)
        )
    )
    ask(world, "a", "@b team-player She helps")
    world.deliver()
    world.click("c", "request_decline", message=world.dms("c")[0])
    form = world.view("c")
    assert form is not None
    assert form.reads().splitlines()[1].endswith("…*.")
    world.submit("c")
    world.deliver()

    assert "and isn’t awarding it for now." in said(world, "a")[0]


def test_declining_without_a_word_says_whom_to_ask(office: World) -> None:
    office.click("ada", "request_decline", message=office.dms("ada")[0])
    office.click("tom", "request_award", message=office.dms("tom")[0])
    late = office.submit("ada")

    assert late.view is not None
    assert "Tom Okafor awarded it" in late.view.reads()
    ask(office, "maria", "@yuki customer-hero She helps")
    office.deliver()
    office.click("ada", "request_decline", message=office.dms("ada")[-1])
    office.submit("ada")
    office.deliver()
    assert "Ada Admin can tell you more." in said(office, "maria")[-1]
    assert said(office, "yuki") == []


def test_whoever_suggested_a_colleague_hears_that_it_worked(world: World) -> None:
    with_admin(world)
    ask(world, "maria", "@yuki customer-hero Always there for us")
    world.deliver()
    world.click("tom", "request_award", message=world.dms("tom")[0])
    world.deliver()

    assert said(world, "maria") == [
        "Good news: 由紀 Tanaka now has *Customer Hero*. You suggested it, and Tom Okafor awarded it."
    ]
    assert said(world, "yuki")[0].startswith("Tom Okafor gave you *Customer Hero*.")

    world.click("tom", "award_undo")
    world.deliver()
    assert said(world, "maria") == [
        "You suggested 由紀 Tanaka for *Customer Hero*. Tom Okafor awarded it; it was taken back since."
    ]
    assert said(world, "ada")[0].endswith("on Nov 20, 2026. It was taken back since.")
    assert said(world, "yuki") == world.feed() == []


def test_what_a_process_of_the_version_before_awarded_is_said_to_be_taken_back(
    world: World,
) -> None:
    with_admin(world)
    ask(world, "maria", "@yuki customer-hero Always there for us")
    world.deliver()
    world.click("tom", "request_award", message=world.dms("tom")[0])
    forget = text("UPDATE request SET award_key = NULL")  # it does not know of that
    world.database.write(lambda session: session.execute(forget))
    world.deliver()
    world.click("tom", "award_undo")
    world.deliver()

    [told] = said(world, "maria")
    assert told.endswith("Tom Okafor awarded it; it was taken back since.")
    assert said(world, "ada")[0].endswith("It was taken back since.")


def test_what_came_to_be_held_otherwise_is_settled(world: World) -> None:
    with_admin(world)
    ask(world, "maria", "first-course I did it")
    world.command("yuki", "/award", "@maria first-course Well done")
    world.deliver()
    world.click("tom", "request_award", message=world.dms("tom")[0])
    world.deliver()

    assert "already holds *First Course*" in world.ephemerals("tom")[-1].reads()
    assert said(world, "maria")[-1].startswith("You hold *First Course* by now")
    assert (codes(world), states(world)) == (1, ["held"])


def test_what_is_corrected_to_another_badge_is_not_said_to_be_held(world: World) -> None:
    with_admin(world)
    ask(world, "maria", "@yuki customer-hero Always there for us")
    world.deliver()
    world.click("tom", "request_award", message=world.dms("tom")[0])
    world.deliver()
    [(award_id,)] = rows(world, "SELECT id FROM award")

    def correct(session: Connection) -> None:
        correcting.correct_badge(
            session,
            workspace=world.workspace,
            settings=world.laurel.deps.settings_in(session, world.workspace),
            actor=world.people["ada"],
            award_id=UUID(str(award_id)),
            badge_id=world.badges["night-owl"].id,
            now=world.now(),
        )

    world.database.write(correct)
    world.deliver()
    [told] = said(world, "maria")
    assert told.endswith("*Customer Hero*. Tom Okafor awarded it; it was taken back since.")


def test_a_private_award_of_the_deciders_is_told_to_nobody_by_a_request(world: World) -> None:
    with_admin(world)
    ask(world, "maria", "@yuki first-course She did it")
    world.command("tom", "/award", "@yuki first-course Between us --private")
    world.deliver()
    before = said(world, "ada")
    world.click("tom", "request_award", message=world.dms("tom")[0])
    world.deliver()

    assert "by an award that not everybody may know of" in world.ephemerals("tom")[-1].reads()
    assert (codes(world), states(world)) == (1, ["open"])
    assert (said(world, "ada"), said(world, "maria")) == (before, [])
    world.click("ada", "request_award", message=world.dms("ada")[0])
    assert states(world) == ["awarded"]


def test_whoever_may_not_decide_any_more_reads_nothing_of_the_decision(office: World) -> None:
    office.decide(badge_admins=parse_grant("UYUKI"))  # since Tom was told
    office.click("ada", "request_decline", message=office.dms("ada")[0])
    office.submit("ada", values={"request_note": "Not with these figures."})
    office.deliver()

    assert "Not with these figures." in said(office, "ada")[0]
    assert said(office, "tom") == []


def test_nobody_decides_on_their_own_request_unless_settings_allow_it(world: World) -> None:
    with_admin(world)
    ask(world, "tom", "team-player I mentored three newcomers")
    ask(world, "tom", "@maria team-player She too")
    world.deliver()
    assert "Award it" not in "".join([*said(world, "tom"), listed(world, "tom")])
    own = rows(world, "SELECT id FROM request ORDER BY id")
    for_himself, for_maria = (str(one).replace("-", "") for (one,) in own)

    def award(request: str) -> str:
        before = len(world.ephemerals("tom"))
        world.engine.deliver(click(world, "UTOM", "request_award", request, where="message"))
        world.settle()
        return world.ephemerals("tom")[before:][-1].reads()

    own_refused = "You asked for this one yourself, so it is for somebody else to decide."
    assert award(for_himself) == award(for_maria) == own_refused
    world.decide(own_requests=True)
    assert award(for_himself) == (
        "You would award yourself with this one, so it is for somebody else to decide."
    )
    assert "Maria Silva now has *Team Player*." in award(for_maria)
    world.decide(self_awards=True)
    assert "Tom Okafor now has *Team Player*." in award(for_himself)


def test_who_may_not_decide_reads_the_same_as_if_there_were_none(office: World) -> None:
    for action in ("request_award", "request_decline"):
        assert GONE in tampered(office, "UYUKI", action)
        assert GONE in tampered(office, "UKIM", action)
    assert "isn’t there any more" in tampered(office, "UYUKI", "request_take_back")
    kept = f'{{"request":"{id_of(office)}"}}'
    values = {"request_note": {"value": "No!"}}
    refused = office.engine.deliver(
        submission(office, "UYUKI", "request_decline_form", kept, values)
    )
    assert json.loads(refused.body)["errors"]["request_note"].startswith(GONE)
    office.decide(badge_admins=parse_grant("UYUKI"))  # since Tom was told
    office.click("tom", "request_award", message=office.dms("tom")[0])
    assert GONE in office.ephemerals("tom")[-1].reads()
    assert (codes(office), states(office)) == (0, ["open"])


def test_awarders_decide_too_but_not_because_everyone_may(office: World) -> None:
    assert "Team Player" not in listed(office, "yuki")
    office.decide(awarders=parse_grant("UYUKI"))
    assert "Maria Silva asks for *Team Player*." in listed(office, "yuki")
    change_badge(office, "team-player", awarders="UTOM")
    assert "Team Player" not in listed(office, "yuki")
    change_badge(office, "team-player", awarders="UYUKI")
    office.command("yuki", "/badges", "requests")
    office.click("yuki", "request_award")

    assert "now has *Team Player*" in office.ephemerals("yuki")[-1].reads()
    assert "Nothing waits for an answer." in listed(office, "yuki")


def test_who_cannot_be_awarded_now_goes_on_waiting(office: World) -> None:
    office.command("maria", "/award", "@tom customer-hero Thanks")
    office.click("tom", "request_award", message=office.dms("tom")[0])
    assert "badges don’t go straight back here" in office.ephemerals("tom")[-1].reads()
    change_badge(office, "team-player", active=False)
    office.click("ada", "request_award", message=office.dms("ada")[0])
    assert "Team Player is retired" in office.ephemerals("ada")[-1].reads()
    assert (codes(office), states(office)) == (1, ["open"])


def test_a_click_in_the_list_shows_the_list_as_it_is_now(office: World) -> None:
    ask(office, "maria", "@yuki customer-hero She helps")
    both = office.command("ada", "/badges", "requests")
    stale = office.command("tom", "/badges", "requests")
    office.click("ada", "request_award", ephemeral=both.message)
    now = [one.reads() for one in office.ephemerals("ada")]
    assert any("Customer Hero" in one and "asks for" not in one for one in now)
    office.click("tom", "request_award", ephemeral=stale.message)

    again = [one.reads() for one in office.ephemerals("tom")]
    assert any("Ada Admin awarded it" in one and "Customer Hero" in one for one in again)
    assert codes(office) == 1


def test_the_audit_has_decisions_by_ids_alone(office: World) -> None:
    office.click("tom", "request_award", message=office.dms("tom")[0])

    [(action, subject, detail)] = rows(
        office, "SELECT action, subject, detail FROM audit_entry WHERE action LIKE 'request%'"
    )
    assert (action, subject) == ("request.awarded", "team-player")
    assert "newcomers" not in detail
    assert id_of(office) in detail
