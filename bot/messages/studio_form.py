"""The form in which a badge is made or changed: its views, and what stands in a submitted one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from bot.artwork.design import ACCENTS, BACKGROUNDS, SHAPES
from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.message import Message
from bot.messages.studio_fields import (
    action_of,
    category_options,
    chosen_of,
    date_field,
    field,
    menu,
    menu_of_many,
    note,
    people_field,
    radio,
    text_field,
)
from bot.studio import draft as fields
from bot.studio.checking import Form
from bot.studio.draft import Draft
from bot.studio.slugs import LONGEST

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
NAME_LIMIT = 255
FILE_TYPES = ("png", "jpg", "jpeg", "gif", "webp")
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
_KINDS = {
    fields.FLAIR: ("Flair", "Can be earned again and again, and shows as ×3."),
    fields.ONCE: ("Flair, once", "Each person can be given it once."),
    fields.ACHIEVEMENT: ("Achievement", "A step of a course or programme: held once."),
}
_VISIBILITY = {
    "public": ("Public", "In the catalogue, for everyone to see."),
    "private": ("Private", "Known to who may award it only, until it is awarded."),
}
_FITS = {
    fields.CROP: ("Crop", "The middle square of it."),
    fields.PAD: ("Pad", "All of it, on a transparent square."),
}
_AWARDERS = {
    fields.WORKSPACE: "As the workspace",
    fields.ADMINS: "Badge admins only",
    fields.EVERYONE: "Everyone",
    fields.MANAGERS: "People managers, and some more",
    fields.NAMED: "These people and user groups",
}
_FEEDS = {
    fields.WORKSPACE: "In the workspace’s feed",
    fields.ELSEWHERE: "In another channel",
    fields.OFF: "Nowhere",
}
_EXPIRIES = {
    fields.NEVER: "Never",
    fields.AFTER: "Some months after it was awarded",
    fields.ON: "On a day",
}


def form_view(
    form: Form,
    draft: Draft,
    place: Place,
    *,
    groups: Mapping[str, str],
    picture: Block | None = None,
    said: str = "",
) -> Block:
    """The form. `groups`: the names of Slack's user groups; `picture`: the preview, as Slack finds it.

    `said` stands above it all, plain.
    """
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
            *_words(form, draft),
            *_picture(form, draft, picture),
            *_awarding(draft, groups),
            *_limits(draft),
            *_past(form, draft),
        ],
    }


def errors_at(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by field as errors by block, each at a block that the view has."""
    there = {str(block.get("block_id")) for block in view["blocks"]}
    found: dict[str, str] = {}
    for name, sentence in errors.items():
        if action_of(name) not in there:
            name = _ABOVE.get(name, fields.NAME)
        found.setdefault(action_of(name), text.without_code(sentence))
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
        )
        return form, Place.read(str(said["place"]))
    except (KeyError, TypeError, AttributeError) as problem:
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
        "place": place.kept(),
    }
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def _words(form: Form, draft: Draft) -> list[Block]:
    said = [
        text_field(fields.NAME, "Name", draft.name, limit=NAME_LIMIT, hint="Ping-Pong Champion"),
    ]
    if form.slug_is_free:
        said.append(
            text_field(
                fields.SLUG,
                "Slug",
                draft.slug,
                limit=LONGEST,
                hint="Made from the name",
                below="The short name for commands, such as ping-pong-champion. It is fixed once the"
                " badge has been awarded.",
                optional=True,
            )
        )
    else:
        said.append(blocks.context(f"Slug: `{draft.slug}`. People know it by that, so it stays."))
    return [
        *said,
        text_field(
            fields.DESCRIPTION,
            "Description",
            draft.description,
            limit=fields.MOST_TEXT,
            hint="What it stands for; it shows on the card in the feed.",
            optional=True,
            multiline=True,
        ),
        text_field(
            fields.CRITERIA,
            "What it takes",
            draft.criteria,
            limit=fields.MOST_TEXT,
            hint="How to earn it; it shows in the catalogue.",
            optional=True,
            multiline=True,
        ),
        _category(draft),
        radio(fields.KIND, "Kind", _KINDS, draft.kind),
        radio(
            fields.VISIBILITY, "Visibility", _VISIBILITY, "private" if draft.private else "public"
        ),
    ]


def _category(draft: Draft) -> Block:
    element: Block = {
        "type": "external_select",
        "min_query_length": 0,
        "placeholder": blocks.plain("Choose one, or type a new one"),
    }
    if draft.category:
        # One too long for a menu is known by a badge that is in it.
        label = draft.category[1:] if draft.category[0] == "=" else "The one it has"
        element["initial_option"] = category_options([(draft.category, label)])[0]
    return field(fields.CATEGORY, "Category", element, optional=True)


def _picture(form: Form, draft: Draft, picture: Block | None) -> list[Block]:
    ways = {
        fields.LETTERS: ("From its name", "Its initials, in colours of its own."),
        fields.DRAWN: ("Put it together", "A shape, two colours, and an emoji or letters."),
        fields.UPLOAD: ("Upload one", "PNG, JPEG, GIF or WebP, at least 150 pixels, up to 5 MB."),
    }
    if form.badge_id or form.source:
        ways = {fields.KEEP: ("As it is", "The picture that it has now.")} | ways
    way = draft.picture if draft.picture in ways else fields.LETTERS
    said = [blocks.divider(), radio(fields.PICTURE, "Picture", ways, way, redraws=True)]
    if way == fields.UPLOAD:
        upload: Block = {"type": "file_input", "filetypes": list(FILE_TYPES), "max_files": 1}
        said += [
            field(fields.FILE, "Your picture", upload, optional=True),
            radio(fields.FIT, "Where it is not square", _FITS, draft.fit),
        ]
    if way == fields.DRAWN:
        said += _design(draft, picture)
    elif way == fields.KEEP and picture is not None:
        said.append(blocks.picture(picture, "The picture that the badge has now"))
    return said


def _design(draft: Draft, picture: Block | None) -> list[Block]:
    design = draft.design
    if design is None:
        preview = note("It shows here once it has an emoji, or up to three letters.")
    elif picture is None:
        preview = note(f"It is being drawn: {design.described}.")
    else:
        preview = blocks.picture(picture, f"Preview: {design.described}")
    return [
        preview,
        menu(fields.SHAPE, "Shape", _capitals(SHAPES), draft.shape, redraws=True),
        menu(fields.BACKGROUND, "Colour", _capitals(BACKGROUNDS), draft.background, redraws=True),
        menu(fields.ACCENT, "Rim", _capitals(ACCENTS), draft.accent, redraws=True),
        text_field(
            fields.SYMBOL,
            "Emoji or letters",
            draft.symbol,
            limit=60,
            hint=":trophy: or ABC, then Enter to see it",
            optional=True,
            redraws=True,
        ),
    ]


def _awarding(draft: Draft, groups: Mapping[str, str]) -> list[Block]:
    said = [
        blocks.divider(),
        menu(fields.AWARDERS, "Who may award it", _AWARDERS, draft.awarders, redraws=True),
    ]
    if draft.awarders in (fields.MANAGERS, fields.NAMED):
        said += [
            people_field(fields.PEOPLE, "These people", draft.people),
            *menu_of_many(fields.GROUPS, "These user groups", groups, draft.groups),
        ]
    if draft.awarders in (fields.EVERYONE, fields.MANAGERS, fields.NAMED):
        said += [
            people_field(fields.NOT_PEOPLE, "But not these people", draft.not_people),
            *menu_of_many(fields.NOT_GROUPS, "Nor these user groups", groups, draft.not_groups),
        ]
    said.append(menu(fields.FEED, "Where it is announced", _FEEDS, draft.feed, redraws=True))
    if draft.feed == fields.ELSEWHERE:
        channel: Block = {
            "type": "conversations_select",
            "placeholder": blocks.plain("Choose a channel"),
            "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
        }
        if draft.channel:
            channel["initial_conversation"] = draft.channel
        below = "I have to be in it: /invite @Laurel there, if I am not."
        said.append(field(fields.CHANNEL, "Channel", channel, optional=True, below=below))
    return said


def _limits(draft: Draft) -> list[Block]:
    said = [
        text_field(
            fields.RECIPIENT_LIMIT,
            "How often one person can be given it",
            draft.recipient_limit,
            limit=40,
            hint="No limit",
            below="At most so often, such as 2 a month: day, week, month, quarter or year.",
            optional=True,
        ),
        text_field(
            fields.GIVER_LIMIT,
            "How often one person can give it",
            draft.giver_limit,
            limit=40,
            hint="No limit",
            optional=True,
        ),
        menu(fields.EXPIRY, "When it expires", _EXPIRIES, draft.expiry, redraws=True),
    ]
    if draft.expiry == fields.AFTER:
        said.append(
            text_field(fields.MONTHS, "Months", draft.months, limit=3, hint="12", optional=True)
        )
    elif draft.expiry == fields.ON:
        said.append(date_field(fields.DATE, "Day", draft.date))
    return said


def _past(form: Form, draft: Draft) -> list[Block]:
    if form.badge_id is None or form.slug_is_free:
        return []
    choice = blocks.option(
        "Change past awards too",
        "past",
        "Else each keeps the words and the picture it was awarded with.",
    )
    element: Block = {"type": "checkboxes", "options": [choice]}
    if draft.past:
        element["initial_options"] = [choice]
    return [blocks.divider(), field(fields.PAST, "Past awards", element, optional=True)]


def _capitals(names: Sequence[str]) -> dict[str, str]:
    return {name: name.capitalize() for name in names}
