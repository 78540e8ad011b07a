"""The Studio's tab in App Home, and what it says when something is done."""

from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.bulk import BULK_OPEN
from bot.messages.fitting import brief, brief_bold, fitted
from bot.messages.home import go, menu, search, turning_pages
from bot.messages.message import Message
from bot.messages.search import OPEN as SEARCH_OPEN
from bot.messages.text import badge_alt_text, date_for
from bot.studio.overview import FILTERS, SORTS, Entry, Overview
from bot.studio.saving import Saved
from storage.badges import BadgeRow
from storage.people import PersonRow
from storage.usage import UNUSED

NEW, EDIT, MENU = "studio_new", "studio_edit_", "studio_menu_"
DELETE_CALLBACK = "studio_delete"
DUPLICATE, AWARDS, DELETE = "duplicate", "awards", "delete"
RETIRE, RESTORE = "retire", "restore"


def studio_blocks(shown: Overview, place: Place, reader: PersonRow) -> list[Block]:
    """A page of all badges: figures, and what can be done with each."""
    chosen = [
        menu("sort", _options(SORTS), chosen=shown.sort, hint="Sort"),
        menu("section", _options(FILTERS), chosen=shown.filter, hint="Show"),
    ]
    chosen += [
        blocks.button("Award to many", BULK_OPEN),
        blocks.button("Search awards", SEARCH_OPEN),
    ]
    if place.query:
        chosen.append(go("Show all", Place(place.tab), key="all"))
    new = blocks.button("New badge", NEW, style="primary")
    said = [
        blocks.section(_counted(shown, place), accessory=new),
        search("Search", place, hint="Name, slug or category"),
        blocks.actions(chosen),
    ]
    rows = fitted(lambda room: _rows(shown, reader, room))
    return [*said, *rows, *turning_pages(place, *shown.page)]


def saved_message(saved: Saved, *, outside: bool = False) -> Message:
    """What came of a form; `outside`: Laurel is not in the channel of the badge."""
    badge = saved.badge
    name = brief_bold(badge.name, 255)
    if saved.created:
        words = f"{name} is there. Award it with `/award @maria {badge.slug}`."
    elif not badge.active:
        words = f"{name} is saved. It is still retired, so nobody is given it."
    else:
        words = f"{name} is saved."
    if saved.past_left:
        words += " Past awards are being changed; with many, that takes a few minutes."
    elif saved.past:
        words += " Past awards show it as it is now; posts that were sent stay as they are."
    if outside and badge.feed_channel:
        words += (
            f" I am not in {text.channel_link(badge.feed_channel)} yet: please type"
            " `/invite @Laurel` there, so that I can announce it."
        )
    return Message(words, [blocks.section(words)])


def delete_view(badge: BadgeRow, kept: str) -> Block:
    """Ask before a badge is deleted."""
    words = (
        f"Delete {brief_bold(badge.name, 255)}? It was never awarded, so nobody loses it. This"
        " cannot be undone."
    )
    return {
        "type": "modal",
        "callback_id": DELETE_CALLBACK,
        "title": blocks.plain("Delete badge", 24),
        "submit": blocks.plain("Delete", 24),
        "close": blocks.plain("Keep it", 24),
        "private_metadata": kept,
        "blocks": [blocks.section(words)],
    }


def deleted_message(name: str) -> Message:
    """What came of deleting a badge; `name` is "" for one that was gone already."""
    words = f"{brief_bold(name, 255)} is deleted." if name else "That badge is gone already."
    return Message(words, [blocks.section(words)])


def _options(choices: dict[str, str]) -> list[Block]:
    return [blocks.option(label, value) for value, label in choices.items()]


def _counted(shown: Overview, place: Place) -> str:
    words = text.bold(text.count(shown.total, "badge"))
    if place.query:
        words += f" for “{brief(place.query, 80)}”"
    return words if shown.total else f"{words}. Try another word, or make a new badge."


def _rows(shown: Overview, reader: PersonRow, room: int) -> list[Block]:
    said: list[Block] = []
    for number, entry in enumerate(shown.entries):
        said += [blocks.divider(), _about(entry, reader, room), _buttons(entry, number)]
    return said


def _about(entry: Entry, reader: PersonRow, room: int) -> Block:
    badge = entry.badge
    marks = [
        mark for mark, is_so in (("Private", badge.private), ("Retired", not badge.active)) if is_so
    ]
    lines = [" · ".join([brief_bold(badge.name, min(room, 255)), *marks])]
    kind = "Achievement" if badge.kind == "achievement" else "Flair"
    small = [f"`{text.shorten(badge.slug, 80)}`", brief(badge.category, min(room, 60)), kind]
    lines.append(" · ".join(part for part in small if part))
    lines.append(_figures(entry, reader))
    tile = blocks.picture(entry.tile, badge_alt_text(badge, limit=room)) if entry.tile else None
    return blocks.section("\n".join(lines), accessory=tile)


def _figures(entry: Entry, reader: PersonRow) -> str:
    usage = entry.usage
    if usage == UNUSED or usage.latest is None:
        return "Nobody holds it." if entry.was_awarded else "Not awarded yet"
    return " · ".join(
        [
            f"Awarded {text.count(usage.awarded, 'time')}",
            text.count(usage.holders, "holder"),
            f"last on {date_for(usage.latest, reader)}",
        ]
    )


def _buttons(entry: Entry, number: int) -> Block:
    badge = entry.badge
    options = [blocks.option("Duplicate", f"{DUPLICATE}:{badge.id.hex}")]
    if badge.active:
        options.append(blocks.option("Retire", f"{RETIRE}:{badge.id.hex}"))
    else:
        options.append(blocks.option("Bring back", f"{RESTORE}:{badge.id.hex}"))
    if entry.was_awarded:
        options.append(blocks.option("Show its awards", f"{AWARDS}:{badge.id.hex}"))
    else:
        options.append(blocks.option("Delete…", f"{DELETE}:{badge.id.hex}"))
    more: Block = {"type": "overflow", "action_id": f"{MENU}{number}", "options": options}
    edit = blocks.button("Edit", f"{EDIT}{number}", value=badge.id.hex)
    edit["accessibility_label"] = text.shorten(f"Edit {badge.name}", 75)
    return blocks.actions([edit, more])
