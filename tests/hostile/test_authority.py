"""Whoever may not do a thing does not get it done by any button, menu, form or command."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

import commands
from bot.grants import ADMINS
from bot.listeners import Kind, Listeners, Name
from bot.playground.transports import Delivery
from tests.hostile.clicks import click, command, search, submission
from tests.hostile.door import Door, mistakes
from tests.world import World

# A bystander, a guest, somebody who left, and somebody whom nobody knows.
HOSTILE = ("UTOM", "UKIM", "UGIL", "U0NOBODY")

# Every action, with what a right button or menu of it would say, and where it stands. In braces:
# things of others that are there.
ACTIONS: dict[str, tuple[str, ...]] = {
    "message": (
        "award_undo={batch}",
        "award_again={again}",
        "award_dismiss=",
        "profile_newest={person}:1",
        "profile_newer={person}:1",
        "profile_older={person}:2",
        "profile_oldest={person}:999999",
        "profile_share={person}",
        "history_newest=1",
        "history_newer=1",
        "history_older=2",
        "history_oldest=999999",
        "catalogue_first=1",
        "catalogue_previous=1",
        "catalogue_next=2",
        "catalogue_last=999999",
        "catalogue_category={private_badge}",
        "badge_holders_first={private_badge}:1",
        "badge_holders_previous={private_badge}:1",
        "badge_holders_next={badge}:1",
        "badge_holders_last={private_badge}:999999",
        "award_hide={code}:1",
        "award_unhide={code}:1",
        "upcoming_first=everyone:1",
        "upcoming_earlier=everyone:1",
        "upcoming_later=everyone:1",
        "upcoming_last=everyone:999999",
        "privacy_erase={person}",
        "privacy_keep=",
        "people_import_confirm={file}",
        "people_import_discard={file}",
        "people_import_order_dmy={file}",
        "people_import_order_mdy={file}",
        "bulk_start={bulk}",
        "bulk_undo={bulk}",
        "bulk_discard={bulk}",
        "request_award={request}",
        "request_decline={request}:list",
        "request_take_back={request}",
    ),
    "modal": (
        "award_undo={batch}",
        "award_again={again}",
        "award_people=x",
        "award_badges=x",
        "award_reason=x",
        "award_how=x",
        "studio_picture=drawn",
        "studio_shape=circle",
        "studio_background=x",
        "studio_accent=x",
        "studio_symbol=x",
        "studio_awarders=x",
        "studio_feed=x",
        "studio_expiry=x",
        "settings_feed_join={channel}",
        "settings_feed_check={channel}",
        "request_take_back={request}",
        "search_turn_newer=x",
        "search_turn_older=x",
        "search_anew=x",
        "search_menu_{award}=search_revoke:{award}",
    ),
    "home": (
        'home_go_tab_studio={{"tab":"studio"}}',
        "home_set_query=night",
        "home_welcome_dismiss=dismiss",
        "home_welcome_keep=keep",
        "studio_new=",
        "studio_edit_{badge}={badge}",
        "studio_menu_{badge}=retire:{badge}",
        "studio_menu_{badge}=delete:{badge}",
        "studio_menu_{badge}=duplicate:{private_badge}",
        "settings_choose_self_awards=on",
        "settings_choose_forget_after_months=1",
        "settings_choose_audit_months=12",
        "settings_edit_badge_admins=badge_admins",
        "settings_policy_5y=5y",
        "settings_audit_csv=",
        "settings_audit_json=",
        "bulk_open=",
        "search_open=",
    ),
}
# Anybody may do these, about themselves.
OWN = (
    "anniversaries_feed=", "anniversaries_dm=", "anniversaries_nothing=",
    "home_own_messages=off", "home_own_new_awards=hidden",
)  # fmt: skip

# Every form, with what it keeps and what stands in it.
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "award_form": (
        '{{"people":[],"evidence_url":"https://evil.example/"}}',
        {
            "award_people": {"selected_users": ["UYUKI"]},
            "award_badges": {"selected_options": [{"value": "{badge}"}]},
            "award_reason": {"value": "x"},
        },
    ),
    "studio_form": (
        '{{"badge":"{badge}","source":"","seen":"","free":true,"tries":0,"place":"{{}}"}}',
        {"studio_name": {"value": "Mine now"}},
    ),
    "studio_delete": ('["{badge}", "{{}}"]', {}),
    "settings_form": (
        '{{"name":"badge_admins","place":"{{}}"}}',
        {"people": {"selected_users": ["UTOM"]}},
    ),
    "settings_policy_form": ('{{"name":"5y","place":"{{}}"}}', {"badge": {"value": "{badge}"}}),
    "settings_policy_save": ('{{"changes":{{"5y.badge":"team-player"}},"place":"{{}}"}}', {}),
    "bulk_form": (
        "",
        {
            "bulk_people": {"selected_users": ["UYUKI"]},
            "bulk_badge": {"selected_option": {"value": "{badge}"}},
        },
    ),
    "request_form": (
        "",
        {
            "request_badge": {"selected_option": {"value": "{private_badge}"}},
            "request_person": {"selected_user": "UYUKI"},
            "request_reason": {"value": "x"},
        },
    ),
    "request_decline_form": ('{{"request":"{request}"}}', {"request_note": {"value": "x"}}),
    "search_form": ("", {"search_recipient": {"selected_user": "UMARIA"}}),
    "search_revoke": ('{{"award":"{award}","asked":"{{}}"}}', {"search_reason": {"value": "x"}}),
    "search_revoke_all": (
        '{{"award":"{award}","asked":"{{}}"}}',
        {"search_reason": {"value": "x"}},
    ),
    "search_correct_reason": (
        '{{"award":"{award}","asked":"{{}}"}}',
        {"search_reason": {"value": "x"}},
    ),
    "search_correct_badge": (
        '{{"award":"{award}","asked":"{{}}"}}',
        {"search_new_badge": {"selected_option": {"value": "{badge}"}}},
    ),
}
SEARCHES = (
    "award_badges", "studio_category", "settings_timezone", "bulk_badge", "search_badge",
    "search_new_badge", "request_badge",
)  # fmt: skip
COMMANDS = (
    ("/award", "<@UYUKI> team-player x"),
    ("/award", "<@UYUKI> night-owl x"),
    ("/award", "revoke {code} x"),
    ("/award", "many"),
    ("/award", "search"),
    ("/badges", "hide {code}"),
    ("/badges", "unhide {code}"),
    ("/badges", "since <@UMARIA> 2019-03-01"),
    ("/badges", "anniversaries everyone nothing"),
    ("/badges", "erase <@UMARIA>"),
    ("/badges", "show night-owl"),
    ("/badges", "requests"),
    ("/badges", "request night-owl x"),
)
JUNK = (
    "", "x", "null", "[]", "{}", '{"name":5}', '{"award":[1]}', "[" * 1_900, '{"a":' * 300,
    "9" * 1_900, "'; DROP TABLE award; --", "\x01", "<!channel>", "-1", "on:off:on", "🦜" * 400,
    "00000000000000000000000000000000", str(uuid4()), "NaN", '{"badge":{},"source":1}', "../..",
)  # fmt: skip


@pytest.fixture
def things(world: World) -> dict[str, str]:
    """What is there of others: awards of Ada’s to Maria, a bulk award that waits, an HR file."""
    world.decide(awarders=ADMINS)
    world.command("ada", "/award", "@maria team-player One")
    world.command("ada", "/award", "@maria night-owl Two --private")
    world.command("maria", "/badges", "request customer-hero Three")
    world.command("ada", "/award", "many")
    badge = world.badges["first-course"]
    world.submit("ada", values={"bulk_people": ["UYUKI", "UMARIA"], "bulk_badge": "First Course"})
    file = world.engine.upload("ada", "hr.csv", b"E-Mail;Eintritt\nmaria@acme.example;2020-08-31\n")
    world.deliver()
    world.advance(minutes=2)

    def read(session: Any) -> dict[str, str]:
        award, batch, code = session.execute(
            text("SELECT id, batch_id, code FROM award ORDER BY id LIMIT 1")
        ).one()
        [bulk] = session.execute(text("SELECT id FROM bulk")).one()
        [request] = session.execute(text("SELECT id FROM request")).one()
        found = {"award": award, "bulk": bulk, "request": request}
        return {name: _hex(one) for name, one in found.items()} | {
            "batch": str(batch),
            "code": str(code),
        }

    handed = {"file_id": file.id, "name": "hr.csv", "order": "", "mapping": "", "expected": ""}
    order = {"o": "x", "p": ["UYUKI"], "b": [badge.id.hex], "r": "x", "f": "", "e": "", "v": False}
    return world.database.read(read) | {
        "badge": badge.id.hex,
        "private_badge": world.badges["night-owl"].id.hex,
        "person": world.people["maria"].id.hex,
        "channel": world.kudos.id,
        "again": json.dumps(order),
        "file": json.dumps(handed),
    }


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value).replace("-", "")


def _filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**things) if "{" in value else value
    if isinstance(value, dict):
        return {name: _filled(one, things) for name, one in value.items()}
    return [_filled(one, things) for one in value] if isinstance(value, list) else value


def right(world: World, who: str, things: dict[str, str]) -> Iterator[tuple[str, Delivery]]:
    """Everything, as it would be were it theirs to do."""
    for where, samples in ACTIONS.items():
        for sample in samples:
            action_id, _, value = _filled(sample, things).partition("=")
            yield action_id, click(world, who, action_id, value, where=where)
    for callback_id, (kept, values) in FORMS.items():
        filled = _filled(kept, things), _filled(values, things)
        yield callback_id, submission(world, who, callback_id, *filled)
    for action_id in SEARCHES:
        yield action_id, search(world, who, action_id, "night")
    for name, words in COMMANDS:
        yield f"{name} {words}", command(world, who, name, words.format(**things))


def spoiled(world: World, who: str, things: dict[str, str]) -> Iterator[tuple[str, Delivery]]:
    """The same with junk in every value, metadata and field."""
    junk = iter(JUNK * 100)
    for where, samples in ACTIONS.items():
        for sample in (*samples, *OWN):
            action_id = _filled(sample, things).partition("=")[0]
            kept = next(junk)
            yield action_id, click(world, who, action_id, next(junk), kept=kept, where=where)
    for callback_id, (_, values) in FORMS.items():
        for _ in range(3):
            spoilt = {
                name: {
                    "value": next(junk),
                    "selected_option": {"value": next(junk)},
                    "selected_options": [{"value": next(junk)}],
                    "selected_users": [next(junk)],
                    "selected_user": next(junk),
                    "selected_date": next(junk),
                    "selected_conversation": next(junk),
                }
                for name in values
            }
            yield callback_id, submission(world, who, callback_id, next(junk), spoilt)
    for action_id in SEARCHES:
        yield action_id, search(world, who, action_id, next(junk))


def test_the_tables_here_name_everything_that_can_be_clicked_or_sent() -> None:
    names = {one.partition("=")[0] for every in (*ACTIONS.values(), OWN) for one in every}
    known: dict[Kind, set[str]] = {"action": names, "view": set(FORMS), "options": set(SEARCHES)}
    listeners = Listeners()
    commands.register(listeners, None)  # type: ignore[arg-type]
    for kind, every in known.items():
        filled = {one.format(award="0" * 32, badge="0" * 32) for one in every}
        asked = listeners.of(kind)
        assert asked
        for name in asked:
            # A name that two listen to would be found by one of them alone.
            heard = {one for one in filled if _hears(name, one)}
            assert heard, (kind, name)
            others = [one for one in asked if one is not name]
            assert not [(name, one) for one in others if any(_hears(one, two) for two in heard)]


def _hears(name: Name, said: str) -> bool:
    return name == said if isinstance(name, str) else name.search(said) is not None


def test_who_may_not_do_it_reads_so_and_nothing_changes(door: Door, things: dict[str, str]) -> None:
    before, calls = door.rows(), door.world.engine.traffic.calls
    every = {who: list(right(door.world, who, things)) for who in HOSTILE}
    # The bystander tries everything; the others take turns.
    turns = [(HOSTILE[0], one) for one in every[HOSTILE[0]]]
    turns += [
        (who, one) for nth, who in enumerate(HOSTILE[1:]) for one in every[who][nth :: len(HOSTILE)]
    ]
    for who, (what, delivery) in turns:
        earlier = len(calls())
        with mistakes() as found:
            reply = door.deliver(delivery)
        assert (found, reply.status) == ([], 200), (who, what)
        assert door.rows() == before, (who, what)
        told = [one.request for one in calls()[earlier:]]
        assert reply.body or told, f"{who}, {what}: nothing was said"
        said = reply.body.decode() + json.dumps(told, default=str)
        assert "went wrong" not in said, (who, what)
        assert "Night Owl" not in said, (who, what)


def test_the_same_by_an_owner_does_it(door: Door, things: dict[str, str]) -> None:
    """Or the test above would show nothing."""
    restore, before, done = door.keep(), door.rows(), set()
    for what, delivery in right(door.world, "UADA", things):
        if re.match(_DOES, what):
            assert door.deliver(delivery).status == 200
            if door.rows() != before:
                done.add(what)
            restore()
    assert len(done) == 22, sorted(done)


_DOES = (
    r"award_(undo|again|form)|privacy_erase|bulk_(start|discard)|studio_(menu|delete|form)|/award <"
    r"|request_(award|decline_form)|/award revoke|settings_(choose|form|policy_save)|search_(revoke|correct)|home_welcome|/badges (s|a)"
)


def test_junk_in_any_value_metadata_or_field_is_answered_in_words(
    door: Door, things: dict[str, str]
) -> None:
    before = door.rows(but=["preference"])
    every = zip(
        spoiled(door.world, "UTOM", things), spoiled(door.world, "UADA", things), strict=True
    )
    for nth, by_each in enumerate(every):
        what, delivery = by_each[nth % 3 == 0]
        with mistakes() as found:
            reply = door.deliver(delivery)
        assert found == [], (what, delivery.payload)
        assert reply.status == 200, (what, delivery.payload)
        assert door.rows(but=["preference"]) == before, (what, delivery.payload)


def test_a_menu_decides_nothing_that_has_a_form(door: Door) -> None:
    before = door.rows()
    for name, value in (("feed_channel", "12"), ("limits", "7"), ("self_awards", "7")):
        with mistakes() as found:
            delivery = click(door.world, "UADA", f"settings_choose_{name}", value, where="home")
            assert door.deliver(delivery).status == 200
        assert found == []
    assert door.rows() == before


@pytest.mark.parametrize(
    "kept",
    [
        {"badge": "zz"},
        {"beside": f"0001-01-01T00:00:00+14:00|{'0' * 32}|o"},
        {"beside": f"9999-12-31T23:59:59-14:00|{'0' * 32}|n"},
    ],
)
def test_a_search_that_was_tampered_with_is_answered_in_words(
    door: Door, kept: dict[str, str]
) -> None:
    for what in ("anew", "turn_newer", "turn_older"):
        value, view = kept.get("beside", "x"), json.dumps(kept)
        with mistakes() as found:
            delivery = click(door.world, "UADA", f"search_{what}", value, kept=view, where="modal")
            assert door.deliver(delivery).status == 200
        assert [one for one in found if "not_found" not in str(one)] == []


def test_a_link_that_no_message_of_the_workspace_has_is_not_posted(
    door: Door, things: dict[str, str]
) -> None:
    kept, values = FORMS["award_form"]
    filled = _filled(kept, things), _filled(values, things)
    assert door.deliver(submission(door.world, "UADA", "award_form", *filled)).status == 200
    door.world.deliver()
    assert len(door.rows()["award"]) == 3
    sent = json.dumps([one.request for one in door.world.engine.traffic.calls()], default=str)
    assert "evil.example" not in sent
