"""The Studio's form in its parts: what a badge is, looks like, and who may do what with it."""

from collections.abc import Mapping, Sequence

from bot.artwork.design import ACCENTS, BACKGROUNDS, SHAPES
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.studio_fields import (
    category_options,
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

NAME_LIMIT = 255
FILE_TYPES = ("png", "jpg", "jpeg", "gif", "webp")
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


def words_fields(form: Form, draft: Draft) -> list[Block]:
    """What it is: its words, category and kind."""
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


def picture_fields(
    form: Form, draft: Draft, picture: Block | None, refused: str = ""
) -> list[Block]:
    """Where its picture comes from; `picture` is what it looks like now, as Slack finds it.

    `refused`: why the file that was handed in is not taken.
    """
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
        file = field(fields.FILE, "Your picture", upload, optional=True)
        # Under a new name the field does not go on showing the file that was refused.
        file["block_id"] += f"_{form.tries}"
        said += [
            file,
            *([blocks.section(f":warning: {text.escape(refused)}")] if refused else []),
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
        shows = "It shows here once it has an emoji, or up to three letters."
        preview = note(text.escape(draft.undrawn) if draft.symbol else shows)
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


def awarding_fields(draft: Draft, groups: Mapping[str, str]) -> list[Block]:
    """Who may award it, and where that is announced; `groups` are names of user groups."""
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


def limits_fields(draft: Draft) -> list[Block]:
    """How often it is given, and how long it holds."""
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


def past_fields(form: Form, draft: Draft) -> list[Block]:
    """Whether past awards are to change, where there are any."""
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
