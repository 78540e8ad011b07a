"""The form in which a badge is made or changed: its views, and what stands in a submitted one."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.message import Message
from bot.messages.studio_fields import action_of, chosen_of
from bot.messages.studio_parts import (
    awarding_fields,
    limits_fields,
    past_fields,
    picture_fields,
    words_fields,
)
from bot.payloads import Said
from bot.studio import draft as fields
from bot.studio.checking import Form
from bot.studio.draft import Draft

CALLBACK = "studio_form"
CATEGORY_ACTION = action_of(fields.CATEGORY)
# What is chosen here decides which fields there are, or what the preview shows.
REDRAWING = tuple(
    action_of(name)
    for name in (
        fields.PICTURE,
        fields.SHAPE,
        fields.BACKGROUND,
        fields.ACCENT,
        fields.SYMBOL,
        fields.AWARDERS,
        fields.FEED,
        fields.EXPIRY,
    )
)
# Where an error is shown while its own field is not there.
_ABOVE = {
    fields.SLUG: fields.NAME,
    fields.FILE: fields.PICTURE,
    fields.SYMBOL: fields.PICTURE,
    fields.PEOPLE: fields.AWARDERS,
    fields.CHANNEL: fields.FEED,
    fields.MONTHS: fields.EXPIRY,
    fields.DATE: fields.EXPIRY,
}


def form_view(
    form: Form,
    draft: Draft,
    place: Place,
    *,
    groups: Mapping[str, str],
    picture: Block | None = None,
    said: str = "",
    refused: str = "",
) -> Block:
    """The form. `groups`: the names of Slack's user groups; `picture`: the preview, as Slack finds it.

    `said` stands above it all, plain; `refused`, why a picture is not taken, at its field.
    """
    if refused:
        said = "Nothing was saved yet: the picture needs another look, below."
    above = [blocks.section(f":warning: {text.escape(said)}")] if said else []
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": blocks.plain("Edit badge" if form.badge_id else "New badge", 24),
        "submit": blocks.plain("Save", 24),
        "close": blocks.plain("Cancel", 24),
        "private_metadata": _kept(form, place),
        "blocks": [
            *above,
            *words_fields(form, draft),
            *picture_fields(form, draft, picture, refused),
            *awarding_fields(draft, groups),
            *limits_fields(draft),
            *past_fields(form, draft),
        ],
    }


def errors_at(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by field as errors by block, each at a block that the view has."""
    there = Said(
        {
            block["element"]["action_id"]: str(block["block_id"])
            for block in view["blocks"]
            if block["type"] == "input" and block.get("element")
        }
    )
    found: dict[str, str] = {}
    for name, sentence in errors.items():
        at = name if action_of(name) in there else _ABOVE.get(name, fields.NAME)
        found.setdefault(there[action_of(at)], text.without_code(sentence))
    return found


def read(view: Mapping[str, Any]) -> Draft:
    """What stands in a view's fields; what the view has no field for is as in a new badge."""
    states = {
        action_id: state
        for values in view["state"]["values"].values()
        for action_id, state in values.items()
    }
    given: dict[str, Any] = {}
    for name in Draft.__dataclass_fields__:
        state = states.get(action_of(name))
        chosen = chosen_of(state) if state else None
        if chosen is not None:
            given[name] = chosen
    files = (states.get(action_of(fields.FILE)) or {}).get("files") or ()
    given["file_id"] = str(files[0]["id"]) if files else ""
    given["past"] = "past" in given.get(fields.PAST, ())
    visibility = states.get(action_of(fields.VISIBILITY))
    given["private"] = visibility is not None and chosen_of(visibility) == "private"
    return Draft(**given)


def opened(view: Mapping[str, Any]) -> tuple[Form, Place]:
    """What a view was opened for, and where its reader was in Home. Raises ValueError."""
    try:
        said = json.loads(view.get("private_metadata") or "")
        form = Form(
            badge_id=UUID(hex=said["badge"]) if said["badge"] else None,
            source=UUID(hex=said["source"]) if said["source"] else None,
            seen=str(said["seen"]),
            slug_is_free=said["free"] is True,
            tries=int(said["tries"]),
        )
        return form, Place.read(str(said["place"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ValueError("this is not what a form keeps") from problem


def closing_view(title: str, message: Message) -> Block:
    """A last view: what happened."""
    return {
        "type": "modal",
        "callback_id": "studio_done",
        "title": blocks.plain(title, 24),
        "close": blocks.plain("Close", 24),
        "blocks": message.blocks,
    }


def checking_view(form: Form) -> Block:
    """What is shown while an uploaded picture is being looked at."""
    words = (
        "*Checking the picture…*\nThat takes a few seconds. Nothing is saved until this says so; if"
        " it still reads the same in a minute, close it and try again."
    )
    title = "Edit badge" if form.badge_id else "New badge"
    return closing_view(title, Message("Checking…", [blocks.section(words)]))


def _kept(form: Form, place: Place) -> str:
    said = {
        "badge": form.badge_id.hex if form.badge_id else "",
        "source": form.source.hex if form.source else "",
        "seen": form.seen,
        "free": form.slug_is_free,
        "tries": form.tries,
        "place": place.kept(),
    }
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)
