"""Who may ask, and who may decide: the rules themselves."""

from dataclasses import replace
from typing import Any

import pytest

from bot.grants import parse_grant
from bot.permissions import Standing, may_decide, own_request_refusal, request_refusal
from bot.settings import Settings
from storage.badges import BadgeRow
from storage.people import PersonRow
from storage.types import new_id

SETTINGS = Settings(badge_admins=parse_grant("UBOSS"), admins=frozenset({"UOWNER"}))


def person(slack_id: str, **changes: Any) -> PersonRow:
    row = PersonRow(new_id(), slack_id, slack_id, None, None, True, False, False, False)
    return row._replace(**changes)


def badge(*, private: bool = False, awarders: str | None = None) -> BadgeRow:
    id_ = new_id()
    return BadgeRow(
        id_, "x", "flair", private, True, True, awarders, 0, id_, "X", "", "", "C", None, "x"
    )


@pytest.mark.parametrize(
    ("awarders", "private", "own", "able"),
    [
        # Where everyone may award, what somebody asks for is still not for everyone to read.
        ("everyone", False, None, "UBOSS UOWNER"),
        ("everyone", True, None, "UBOSS UOWNER"),
        ("everyone, !UBOSS", False, None, "UOWNER"),
        ("UNAMED", False, None, "UBOSS UNAMED UOWNER"),
        ("UNAMED", True, None, "UBOSS UOWNER"),
        ("managers", False, None, "UBOSS UMANAGER UOWNER"),
        ("S0LEADS", False, None, "UBOSS ULEAD UOWNER"),
        ("UNAMED", False, "everyone", "UBOSS UOWNER"),
        ("everyone", False, "UNAMED, S0LEADS", "UBOSS ULEAD UNAMED UOWNER"),
        ("everyone", True, "UNAMED, !UBOSS", "UNAMED UOWNER"),
        ("UNAMED", False, "admins", "UBOSS UOWNER"),
        ("admins", False, None, "UBOSS UOWNER"),
    ],
)
def test_who_is_named_as_an_awarder_decides_and_nobody_because_everyone_may(
    awarders: str, private: bool, own: str | None, able: str
) -> None:
    settings = replace(SETTINGS, awarders=parse_grant(awarders))
    staff = (
        *(Standing(person(one), settings) for one in ("UANY", "UBOSS", "UNAMED", "UOWNER")),
        Standing(person("UMANAGER"), settings, manager=True),
        Standing(person("ULEAD"), settings, frozenset({"S0LEADS"})),
        Standing(person("UGONE", slack_admin=True, active=False), settings),
        Standing(person("UGUEST", guest=True), settings, frozenset({"S0LEADS"})),
    )
    wanted = badge(private=private, awarders=own)

    found = {one.person.slack_id for one in staff if may_decide(one, wanted)}
    assert sorted(found) == able.split()


def test_own_requests_are_for_others_to_decide_until_two_settings_allow_it() -> None:
    me, you = person("UME"), person("UYOU")
    asked = "You asked for this one yourself, so it is for somebody else to decide."
    itself = "You would award yourself with this one, so it is for somebody else to decide."

    def refusals(**decided: bool) -> list[str]:
        settings = replace(SETTINGS, **decided)
        pairs = ((me.id, me.id), (me.id, you.id), (you.id, me.id), (you.id, you.id))
        return [own_request_refusal(me, *pair, settings) for pair in pairs]

    assert refusals() == [asked, asked, "", ""]
    assert refusals(self_awards=True) == [asked, asked, "", ""]
    assert refusals(own_requests=True) == [itself, "", "", ""]
    assert refusals(own_requests=True, self_awards=True) == [""] * 4


def test_members_ask_for_themselves_and_for_whoever_can_receive() -> None:
    member, guest = person("UMEMBER"), person("UGUEST", guest=True)
    outsiders = (person("U1", stranger=True), person("U2", active=False), person("U3", bot=True))

    assert request_refusal(member, member, SETTINGS) == ""
    for one in outsiders:
        assert request_refusal(one, member, SETTINGS) == (
            "Only people of this workspace ask for badges here."
        )
        assert request_refusal(member, one, SETTINGS) != ""
    assert "Guests don’t collect badges here" in request_refusal(guest, guest, SETTINGS)
    receiving = replace(SETTINGS, guests_receive=True)
    assert request_refusal(guest, guest, receiving) == ""
    assert request_refusal(member, guest, receiving) == ""
    awarding = replace(SETTINGS, guests_award=True)
    assert request_refusal(guest, member, awarding) == ""
    assert "Guests don’t collect badges here" in request_refusal(guest, guest, awarding)
