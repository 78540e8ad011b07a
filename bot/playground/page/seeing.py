"""What a person sees of the workspace, as JSON for the page."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground import rules
from bot.playground.engine import Engine
from bot.playground.page import company
from bot.playground.page.offer import Offer
from bot.playground.shapes import Channel, Json, Message, User, View
from bot.playground.traffic import Exchange

LATEST = 300  # exchanges that a page is told at most at once


def people(engine: Engine) -> list[Json]:
    """Return everyone, in the order in which they came."""
    space, now = engine.workspace, engine.clock.now()
    return [_person(user, space.bot_user, now) for user in list(space.users.values())]


def _person(user: User, app: str, now: datetime) -> Json:
    return {
        "id": user.id,
        "handle": user.name,
        "name": user.display_name or user.real_name,
        "title": user.title,
        "tz": user.tz,
        "time": now.astimezone(ZoneInfo(user.tz)).strftime("%H:%M"),
        "start_date": user.start_date,
        "about": company.about(user.name),
        "app": user.id == app,
        "bot": user.is_bot or user.id == "USLACKBOT",
        "admin": user.is_admin,
        "guest": user.is_restricted or user.is_ultra_restricted,
        "deleted": user.deleted,
    }


def workspace(engine: Engine, person: User, offer: Offer) -> Json:
    """Return what stands around the messages: people, places, the app and the clock."""
    space = engine.workspace
    with space.lock:
        places = [_place(engine, person, one) for one in space.channels.values()]
        groups = [
            {"id": one.id, "handle": one.handle, "name": one.name, "people": len(one.members)}
            for one in space.groups.values()
            if not one.deleted_at
        ]
        found = people(engine)
    return {
        "me": person.id,
        "team": space.team_name,
        "site": space.site,
        "app": {
            "name": space.app_name,
            "user": space.bot_user,
            "home": offer.home,
            "answers": offer.answers,
        },
        "people": found,
        "places": [place for place in places if place is not None],
        "groups": groups,
        "commands": [
            {"name": one.name, "description": one.description, "usage": one.usage}
            for one in offer.commands
        ],
        "shortcuts": [
            {"callback_id": one.callback_id, "name": one.name, "everywhere": one.everywhere}
            for one in offer.shortcuts
        ],
        "clock": clock(engine, person),
        "journeys": _journeys(engine, person, offer),
    }


def _journeys(engine: Engine, person: User, offer: Offer) -> list[Json]:
    zone = ZoneInfo(person.tz)
    return [
        {"name": one.name, "words": one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")}
        for one in offer.journeys(engine.clock.now())
    ]


def clock(engine: Engine, person: User) -> Json:
    """Return the workspace's time, and the zone of whoever looks."""
    return {"now": engine.clock.now().isoformat(), "zone": person.tz}


def _place(engine: Engine, person: User, channel: Channel) -> Json | None:
    inside = person.id in channel.members
    if not inside and (channel.is_private or channel.is_im or channel.is_mpim or person.deleted):
        return None
    if not inside and person.is_restricted:
        return None
    others = sorted(channel.members - {person.id})
    said = engine.workspace.messages.get(channel.id)
    return {
        "id": channel.id,
        "name": channel.name,
        "private": channel.is_private,
        "archived": channel.is_archived,
        "direct": channel.is_im or channel.is_mpim,
        "others": others if channel.is_im or channel.is_mpim else [],
        "inside": inside,
        "people": len(channel.members),
        "app": engine.workspace.bot_user in channel.members,
        "latest": next(reversed(said), "") if said else "",
    }


def channel_of(engine: Engine, person: User, key: str) -> Channel:
    """Return a channel that this person may see; raises KeyError for any other."""
    channel = engine.channel(key)
    if _place(engine, person, channel) is None:
        raise KeyError(f"no such channel: {key}")
    return channel


def messages(engine: Engine, person: User, channel: Channel) -> list[Json]:
    """Return a channel's messages and what only this person sees in it, oldest first."""
    with engine.workspace.lock:
        shown = [*engine.messages(channel), *engine.ephemerals(person, channel)]
        shown = [m for m in shown if not m.ephemeral_to or not m.thread_ts]
        return [_message(engine, m) for m in sorted(shown, key=lambda m: m.ts)]


def thread(engine: Engine, person: User, channel: Channel, ts: str) -> list[Json]:
    """Return a message and the answers to it."""
    with engine.workspace.lock:
        root = engine.message(channel, ts)
        if root is None:
            return []
        alone = [m for m in engine.ephemerals(person, channel) if m.thread_ts == ts]
        answers = sorted([*engine.thread(root), *alone], key=lambda m: m.ts)
        return [_message(engine, m) for m in (root, *answers)]


def _message(engine: Engine, message: Message) -> Json:
    answers = [] if message.ephemeral_to else engine.thread(message)
    shown: Json = {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "edited": bool(message.edited),
        "ephemeral": bool(message.ephemeral_to),
        "files": [
            # Before Slack has looked at a file it tells no type; only pictures are posted so early.
            {"id": f["id"], "title": f["title"], "picture": f["mimetype"][:6] in ("", "image/")}
            for f in message.files
        ],
        "reactions": [
            {"name": name, "count": len(users)} for name, users in message.reactions.items()
        ],
    }
    if answers:
        shown["answers"] = {
            "count": len(answers),
            "people": list(dict.fromkeys(m.user for m in answers)),
            "latest": answers[-1].ts,
        }
    return shown


def view(found: View) -> Json:
    """Return a modal or Home tab, with what is entered in it."""
    return {**found.payload, "id": found.id, "hash": found.hash, "values": found.values}


def exchanges(engine: Engine, after: int) -> Json:
    """Return the requests between Slack and the app since one of a number, and the last number."""
    found = engine.traffic.numbered(after)
    return {
        "last": found[-1][0] if found else after,
        "exchanges": [_exchange(number, one) for number, one in found[-LATEST:]],
    }


def _exchange(number: int, one: Exchange) -> Json:
    return {
        "number": number,
        "at": one.at.isoformat(),
        "direction": one.direction,
        "name": one.name,
        "status": one.status,
        "ms": round(one.seconds * 1000, 1),
        "note": one.note,
        "error": one.error,
        "broken": broken_rules(one),
        "request": one.request,
        "answer": one.answer,
    }


def broken_rules(one: Exchange) -> list[str]:
    """Return which rules a refused payload broke, in words."""
    if one.direction == "to_app":
        return _in_acknowledgement(one) if isinstance(one.answer, dict) else []
    if one.error is None:
        return []
    said: Any = one.answer.get("response_metadata") if isinstance(one.answer, dict) else None
    if isinstance(said, dict) and said.get("messages"):
        return [str(message).removeprefix("[ERROR] ") for message in said["messages"]]
    return _of_message(one.request) if one.name == "response_url" else []


def _of_message(payload: Json) -> list[str]:
    alone = payload.get("response_type") != "in_channel"
    refusal = rules.check_message(payload, surface="ephemeral" if alone else "message")
    return list(refusal.messages) if refusal else []


def _in_acknowledgement(one: Exchange) -> list[str]:
    if one.name.startswith("/") and (one.answer.get("blocks") or one.answer.get("text")):
        return _of_message(one.answer)
    if one.name == "view_submission" and one.answer.get("response_action"):
        refusal = rules.check_response_action(one.answer, one.request["view"])
        return list(refusal.messages) if refusal else []
    if one.name == "block_suggestion":
        refusal = rules.check_options(one.answer)
        return list(refusal.messages) if refusal else []
    return []
