"""Good payloads of every kind: recorded while an owner does everything there is to do."""

import json
from typing import Any

from bot.playground.transports import Delivery
from tests.home.reading import elements, home_blocks, open_home
from tests.world import World


def record(world: World) -> list[Delivery]:
    """Have Ada do everything, and return what Slack told Laurel of it, each kind a few times."""
    world.engine.limits.enabled = False
    world.engine.traffic.clear()
    _award(world)
    _read(world)
    _search(world)
    _request(world)
    _award_many(world)
    _studio(world)
    _settings(world)
    _hand_in(world)
    _events(world)
    return [_delivery(one.name, one.request) for one in world.engine.traffic.deliveries()]


def _delivery(name: str, payload: dict[str, Any]) -> Delivery:
    kept = json.loads(json.dumps(payload))
    if name.startswith("/"):
        return Delivery("slash_commands", name, kept)
    if kept.get("type") == "event_callback":
        return Delivery("events_api", name, kept)
    return Delivery("interactive", name, kept)


def _close(world: World) -> None:
    if world.view("ada") is not None:
        world.engine.close("ada", everything=True)
        world.settle()


def _award(world: World) -> None:
    for words in (
        "@tom team-player Thank you",
        "@tom @maria team-player, customer-hero Both",
        "@yuki night-owl --private --quiet",
        "@nobody team-player",
        "revoke A-0000000 why",
        "help",
        "",
    ):
        world.command("ada", "/award", words)
    world.type_ahead("ada", "award_badges", "event")
    world.choose("ada", "award_people", users=["UTOM"])
    world.submit(
        "ada",
        values={"award_people": ["UTOM"], "award_badges": ["Event Speaker"], "award_reason": "So"},
    )
    world.click("ada", "award_undo")
    _close(world)
    world.command("ada", "/award", "@yuki first-course Well done")
    world.command("ada", "/award", "@maria customer-hero Same")
    world.command("ada", "/award", "@maria customer-hero Same")
    world.click("ada", "award_again")
    message = world.engine.post("tom", world.kudos, "Look at this!")
    world.shortcut("ada", "award_for_message", message)
    _close(world)
    world.deliver()


def _read(world: World) -> None:
    for words in (
        "", "@maria", "catalog", "show team-player", "history", "dm off", "help", "export",
        "upcoming", "anniversaries", "why @maria 5-years", "since @tom 2019-03-01",
        "erase @yuki", "hide A-0000000",
    ):  # fmt: skip
        outcome = world.command("ada", "/badges", words)
        for block in outcome.blocks:
            for element in [*block.get("elements", ()), block.get("accessory") or {}]:
                action_id = str(element.get("action_id", ""))
                if element.get("type") == "button" and action_id != "privacy_erase":
                    world.click("ada", action_id, message=outcome.message)


def _search(world: World) -> None:
    for kind in ("revoke", "correct_reason", "correct_badge"):
        world.command("ada", "/award", "search")
        world.submit("ada", values={"search_recipient": "UTOM"})
        view = world.view("ada")
        assert view is not None
        menus = [
            block["accessory"]
            for block in view.blocks
            if block.get("accessory", {}).get("type") == "overflow"
        ]
        option = next(one for one in menus[0]["options"] if f"search_{kind}:" in one["value"])
        world.choose("ada", menus[0]["action_id"], option=option["value"])
        values = {"search_new_badge": "Customer Hero"} if kind == "correct_badge" else {}
        world.submit("ada", values=values or {"search_reason": "Because"})
        _close(world)


def _request(world: World) -> None:
    """Ada suggests Tom, takes that back, and decides on what Maria asks for."""
    world.decide(own_requests=True)  # or there would be nobody to decide on Ada's
    for who, words in (
        ("ada", "@tom customer-hero He helped"),
        ("maria", "event-speaker My talk"),
        ("maria", "team-player My help"),
    ):
        world.command(who, "/badges", f"request {words}")
    world.command("maria", "/badges", "request")
    world.type_ahead("maria", "request_badge", "hero")
    values = {"request_badge": "Customer Hero", "request_reason": "My help, too"}
    world.submit("maria", values=values)
    world.click("maria", "request_take_back", view=world.view("maria"))
    world.engine.close("maria", everything=True)
    world.settle()
    world.command("ada", "/badges", "requests")
    world.click("ada", "request_take_back")
    world.click("ada", "request_award")
    world.click("ada", "request_decline")
    world.submit("ada", values={"request_note": "Not yet"})
    _close(world)
    world.deliver()


def _award_many(world: World) -> None:
    for then in ("bulk_discard", "bulk_start", "bulk_undo", ""):
        if then != "bulk_undo":
            world.command("ada", "/award", "many")
            world.submit(
                "ada", values={"bulk_people": ["UYUKI", "UMARIA"], "bulk_badge": "First Course"}
            )
        if then:
            world.click("ada", then)
        _close(world)
        world.advance(seconds=2)
        world.deliver()


def _studio(world: World) -> None:
    open_home(world, "ada")
    world.click("ada", "home_go_tab_studio")
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="drawn")
    world.type_ahead("ada", "studio_category", "cul")
    world.submit("ada", values={"studio_name": "People’s Choice"})
    _close(world)
    menus = [one for one in elements(world, "ada") if one.startswith("studio_menu_")]
    edits = [one for one in elements(world, "ada") if one.startswith("studio_edit_")]
    world.click("ada", edits[0])
    world.submit("ada", values={"studio_description": "Another"})
    _close(world)
    for what in ("retire", "restore", "duplicate", "delete"):
        world.choose("ada", menus[-1], option=_option(world, menus[-1], what))
        if what in ("duplicate", "delete") and world.view("ada") is not None:
            world.submit("ada")
        _close(world)


def _option(world: World, action_id: str, what: str) -> str:
    """A badge that is retired can be restored and not retired: then whatever comes first."""
    for block in home_blocks(world, "ada"):
        for element in block.get("elements", ()):
            if element.get("action_id") == action_id:
                values = [str(one["value"]) for one in element["options"]]
                return next((one for one in values if one.startswith(f"{what}:")), values[0])
    raise AssertionError(f"there is no menu {action_id}")


def _settings(world: World) -> None:
    open_home(world, "ada")
    world.click("ada", "home_go_tab_settings")
    sections = [one for one in elements(world, "ada") if one.startswith("home_go_section_")]
    for section in dict.fromkeys(sections):
        open_home(world, "ada")
        world.click("ada", "home_go_tab_settings")
        world.click("ada", section)
        for action_id in list(dict.fromkeys(elements(world, "ada"))):
            if action_id.startswith(("settings_edit_", "settings_policy_", "settings_audit_")):
                world.click("ada", action_id)
                view = world.view("ada")
                if view is not None and "submit" in view.payload:
                    world.submit("ada")
                    again = world.view("ada")
                    if again is not None and again.payload.get("callback_id", "").endswith("save"):
                        world.submit("ada")
                _close(world)
    open_home(world, "ada")


def _hand_in(world: World) -> None:
    world.advance(seconds=2)
    world.engine.drop_file("ada", "hr.csv", b"E-Mail;Eintritt\nmaria@acme.example;2020-08-31\n")
    world.settle()
    world.click("ada", "people_import_confirm")
    world.engine.post("ada", world.engine.workspace.direct_channel("UADA"), "Hello!")
    world.settle()


def _events(world: World) -> None:
    world.engine.add_user("new", "Nova New", id="UNOVA")
    world.engine.change_user("maria", real_name="Maria S.")
    group = world.engine.add_group("team", members=["tom"])
    world.engine.change_group(group, members=["tom", "maria"])
    world.settle()
