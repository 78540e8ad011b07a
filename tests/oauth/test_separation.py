"""Two workspaces in one database: what names something of the one means nothing in the other.

Ada does everything there is to do at Acme. All of it is sent again from Globex, by somebody with the
very same Slack id: as it was, and with ids that nobody has. Both are answered alike, and change nothing.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from sqlalchemy import select

from bot.pictures import Pictures
from bot.playground.transports import Delivery
from storage import whole
from tests.badges.shelf import badge
from tests.hostile.recorded import record
from tests.world import MakeWorld, World, beside, rows

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
# What differs from one sending to the next: triggers (first, since a part of one may look like a
# time), our ids, times, and those of Slack's views and files.
_PASSING = re.compile(
    rf"\b\d+\.\d+\.[0-9a-f]+|{_ID.pattern}|\b\d{{10}}\.\d+|\b[VF][0-9A-Z]{{8,}}\b"
)
_HERE = ("response_url", "trigger_id")


def unknown(text: str) -> str:
    """The same with ids that nobody has, written alike."""

    def other(found: re.Match[str]) -> str:
        made = uuid5(NAMESPACE_OID, UUID(found.group()).hex)
        return str(made) if "-" in found.group() else made.hex

    return _ID.sub(other, text)


def _copies(delivery: Delivery) -> bool:
    """Whether this saves a form that was filled in from another badge."""
    view = delivery.payload.get("view") or {}
    new = view.get("callback_id") == "studio_form" and '"badge":""' in view["private_metadata"]
    return new and delivery.name == "view_submission"


def sent_from(globex: World, delivery: Delivery, text: str) -> tuple[object, ...]:
    """What a payload, sent from there, is answered with and has posted, without what passes."""
    space = globex.engine.workspace
    payload = json.loads(text)
    user = payload.get("user_id") or (payload.get("user") or {}).get("id") or "UADA"
    for name in _HERE:
        if name in payload:
            payload[name] = (
                space.new_response_url(user, globex.kudos.id)
                if name == "response_url"
                else space.new_trigger(user)
            )
    globex.engine.traffic.clear()
    answer = globex.engine.deliver(Delivery(delivery.envelope, delivery.name, payload))
    globex.settle()
    said = [
        (one.name, _PASSING.sub("#", json.dumps(one.request, sort_keys=True, default=str)))
        for one in globex.engine.traffic
        if one.direction == "to_slack" or one.name == "response_url"
    ]
    return answer.status, _PASSING.sub("#", answer.body or ""), said


def test_ids_of_another_workspace_are_ids_that_nobody_has(
    world: World, globex: World, caplog: pytest.LogCaptureFixture
) -> None:
    acme, here = world.engine.workspace, globex.engine.workspace
    crossing = []
    for one in record(world):
        bare = {name: "" if name in _HERE else value for name, value in one.payload.items()}
        text = json.dumps(bare).replace(acme.team_id, here.team_id)
        if _ID.search(text):
            crossing.append((one, text))
    kinds = {
        str(action.get("action_id", "")).rstrip("0123456789abcdef-_")
        for one, _ in crossing
        for action in one.payload.get("actions", ())
    } | {str((one.payload.get("view") or {}).get("callback_id", "")) for one, _ in crossing}
    assert len(crossing) > 20
    assert len(kinds) > 10
    at_acme = rows(world.database, world.workspace)
    at_globex = rows(world.database, globex.workspace)
    for one, text in crossing:
        what = f"{one.name} {text[:2000]}"
        assert sent_from(globex, one, text) == sent_from(globex, one, unknown(text)), what
        if _copies(one):  # what the form says is a badge of Globex's own, whatever it began as
            at_globex = rows(world.database, globex.workspace)
        assert rows(world.database, globex.workspace) == at_globex, what
    assert rows(world.database, world.workspace) == at_acme
    assert not [one for one in caplog.records if one.message == "request failed"]


def test_names_and_codes_of_another_workspace_are_unknown_in_commands(
    world: World, globex: World
) -> None:
    world.database.write(lambda session: badge(session, world.workspace.id, "Only At Acme"))
    world.command("ada", "/award", "@tom only-at-acme Something of Acme's own.")
    [given] = world.database.read(
        lambda session: [
            row.code
            for row in session.execute(
                select(whole.every_table()[0].metadata.tables["award"].c.code)
            )
        ]
    )
    at_acme, at_globex = (
        rows(world.database, world.workspace),
        rows(world.database, globex.workspace),
    )
    for command, words in (
        ("/award", "@tom {slug} Well done"),
        ("/award", "@tom {name}"),
        ("/award", "revoke {code} A mistake"),
        ("/badges", "show {slug}"),
        ("/badges", "hide {code}"),
        ("/badges", "show {code}"),
    ):
        theirs = words.format(slug="only-at-acme", name="“Only At Acme”", code=given)
        nobodys = words.format(slug="none-at-acme", name="“None At Acme”", code="A-ZZZZZZZ")
        said = globex.command("ada", command, theirs).reads()
        known = globex.command("ada", command, nobodys).reads()
        said = said.replace("only-at-acme", "none-at-acme").replace("Only At", "None At")
        assert said.replace(given, "A-ZZZZZZZ") == known, words
        assert "Something of Acme" not in said
    assert rows(world.database, world.workspace) == at_acme
    assert rows(world.database, globex.workspace) == at_globex


def test_a_signed_address_of_a_picture_is_good_in_its_own_workspace_only(
    make_world: MakeWorld,
) -> None:
    world = make_world(public_url="https://laurel.example")
    with beside(world.database, public_url="https://laurel.example") as globex:
        pictures = world.laurel.deps.pictures
        acme, there = world.workspace, globex.workspace
        player, theirs = world.badges["team-player"], globex.badges["team-player"]
        for kind in ("card", "tile"):
            good = _token(pictures, world, f"{kind}:{player.version_id}")
            assert pictures.serve(good) is not None
            assert pictures.serve(_token(pictures, globex, f"{kind}:{theirs.version_id}"))
            # Acme's signature over Globex's name, and Globex's own over what is Acme's.
            for crossed in (
                _readdressed(good, acme.id, there.id),
                _readdressed(good, player.version_id, theirs.version_id),
                _token(pictures, globex, f"{kind}:{player.version_id}"),
            ):
                assert pictures.serve(crossed) is None
        world.command("ada", "/award", "@tom team-player Well done")
        # The case of one of Acme's people, asked for by Globex, is that of nobody.
        tom, nobody = world.people["tom"].id, uuid5(NAMESPACE_OID, "nobody")
        key = "trophies:{}:public:x"
        assert pictures.serve(_token(pictures, world, key.format(tom))) != pictures.serve(
            _token(pictures, world, key.format(nobody))
        )
        assert pictures.serve(_token(pictures, globex, key.format(tom))) == pictures.serve(
            _token(pictures, globex, key.format(nobody))
        )


def _token(pictures: Pictures, world: World, key: str) -> str:
    """The token of a picture's address, signed for a workspace."""
    address = pictures._address(world.workspace, key)
    return address.rpartition("/")[2].removesuffix(".png")


def _readdressed(token: str, this: object, other: object) -> str:
    """The same with another word in it, beneath the signature that it had."""
    packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    signature, payload = packed[:32], packed[32:].decode()
    changed = payload.replace(str(this), str(other), 1)
    assert changed != payload
    return urlsafe_b64encode(signature + changed.encode()).decode().rstrip("=")
