"""The catalogue and single badges in words and pictures."""

from uuid import UUID

from bot.catalogue import BadgeDetails, CataloguePage, Listed
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold, fitted
from bot.messages.message import Message
from bot.messages.paging import IN_ORDER, actions, place, turning
from bot.messages.text import badge_alt_text, one_line
from storage.badges import BadgeRow

_CATALOGUE, _HOLDERS = "catalogue", "badge_holders"
CATALOGUE_TURNS = actions(IN_ORDER, _CATALOGUE)
CATALOGUE_CATEGORY = "catalogue_category"
HOLDERS_TURNS = actions(IN_ORDER, _HOLDERS)

MENU = 20  # categories to choose from at once; with a hundred the menu alone would be too long
_CATEGORY = 60  # characters of a category's name


def catalogue_message(shown: CataloguePage) -> Message:
    """A page of the catalogue, with buttons and a menu of categories."""
    if not shown.total:
        words = "There are no badges to earn yet. An admin can add the first ones."
        return Message(words, [blocks.section(words)])
    heading = f"{text.bold('Badges to earn')} · {shown.total:,}"
    return Message(heading, fitted(lambda room: _catalogue_blocks(shown, heading, room)))


def badge_message(shown: BadgeDetails) -> Message:
    """One badge: what it is, what it takes, and who holds it."""
    badge = shown.badge
    said = fitted(lambda room: _badge_blocks(shown, room))
    return Message(f"{brief_bold(badge.name, 255)} · {_held_by(shown)}", said)


def _catalogue_blocks(shown: CataloguePage, heading: str, room: int) -> list[Block]:
    said: list[Block] = [blocks.section(heading), *catalogue_entries(shown, room)]
    controls = _menu(shown) + turning(*shown.page, IN_ORDER, _CATALOGUE)
    if controls:
        said.append(blocks.actions(controls))
    return [*said, *place(*shown.page)]


def catalogue_entries(shown: CataloguePage, room: int) -> list[Block]:
    """The badges of a page, with a heading where a category begins."""
    said: list[Block] = []
    category = None
    for listed in shown.listed:
        if listed.badge.category != category:
            category = listed.badge.category
            said.append(blocks.header(category_label(category)))
        said.append(_listed(listed, room))
    return said


def category_label(category: str) -> str:
    """A category's name as a heading or a choice."""
    return text.shorten(one_line(category) or "Others", _CATEGORY)


def _listed(listed: Listed, room: int) -> Block:
    badge = listed.badge
    parts = [brief_bold(badge.name, min(room, 255))]
    if listed.times:
        parts.append(f"you hold it{_times(badge, listed.times)}")
    words = " · ".join(parts)
    what = badge.criteria or badge.description
    if what:
        words += f"\n{brief(what, room)}"
    accessory = (
        blocks.picture(listed.tile, badge_alt_text(badge, limit=room)) if listed.tile else None
    )
    return blocks.section(words, accessory=accessory)


def _menu(shown: CataloguePage) -> list[Block]:
    """A menu of categories, the one shown and those around it."""
    if len(shown.categories) < 2:
        return []
    current = shown.listed[0].badge.category
    names = [name for name, _ in shown.categories]
    start = max(0, min(names.index(current) - MENU // 2, len(names) - MENU))
    options = [_option(name, first) for name, first in shown.categories[start : start + MENU]]
    return [
        {
            "type": "static_select",
            "action_id": CATALOGUE_CATEGORY,
            "placeholder": blocks.plain("Go to a category"),
            "options": options,
        }
    ]


def _option(name: str, first: UUID) -> Block:
    return blocks.option(category_label(name), first.hex)


def _badge_blocks(shown: BadgeDetails, room: int) -> list[Block]:
    badge = shown.badge
    said: list[Block] = [blocks.section(_badge_words(shown, room))]
    if shown.card:
        said.append(blocks.picture(shown.card, badge_alt_text(badge, limit=room)))
    said.append(blocks.section(_holders(shown, room)))
    controls = turning(*shown.page, IN_ORDER, _HOLDERS, subject=f"{badge.id.hex}:")
    if controls:
        said += [blocks.actions(controls), *place(*shown.page)]
    return said


def _badge_words(shown: BadgeDetails, room: int) -> str:
    badge = shown.badge
    kind = "Achievement: held once" if badge.held_once else "Flair: can be earned again and again"
    lines = [brief_bold(badge.name, min(room, 255))]
    small = [brief(badge.category, min(room, _CATEGORY)), kind] if badge.category else [kind]
    lines.append(" · ".join([*small, f"`{badge.slug}`"]))
    if badge.description:
        lines.append(brief(badge.description, room))
    if badge.criteria:
        lines.append(f"{text.bold('What it takes')}: {brief(badge.criteria, room)}")
    if not badge.active:
        lines.append("It is no longer awarded; who holds it keeps it.")
    if shown.marked_private:
        lines.append("_Private: only who may award it knows of it until it is awarded._")
    if shown.times:
        lines.append(f"You hold it{_times(badge, shown.times)}.")
    return "\n".join(lines)


def _holders(shown: BadgeDetails, room: int) -> str:
    names = [
        brief(person.name, min(room, 100)) + _times(shown.badge, times)
        for person, times in shown.holders
    ]
    if not names:
        return _held_by(shown)
    return f"{text.bold(_held_by(shown))}\n{', '.join(names)}"


def _times(badge: BadgeRow, times: int) -> str:
    """How often a badge is held. Two people may each give an achievement in private: it is held once."""
    return "" if badge.held_once else text.times(times)


def _held_by(shown: BadgeDetails) -> str:
    if not shown.total:
        return "Nobody holds it yet."
    return f"Held by {text.count(shown.total, 'person', 'people')}"
