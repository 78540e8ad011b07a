"""App Home: its frame, the buttons that lead about in it, and the page that everyone has."""

from collections.abc import Sequence

from bot.home_frame import Place, Tab
from bot.messages import blocks, paging
from bot.messages.blocks import Block
from bot.messages.paging import IN_ORDER

GO = "home_go_"  # the action of a button that leads to the place in its value
SET = "home_set_"  # the action of a menu or a field that sets one word of the place
CALLBACK = "home"
SEARCH_LIMIT = 80  # characters


def home_view(shown: Sequence[Block], place: Place, tabs: Sequence[Tab]) -> Block:
    """The whole view: the tabs somebody may have, where there are several, and what one of them draws."""
    return {
        "type": "home",
        "callback_id": CALLBACK,
        "private_metadata": place.kept(),
        "blocks": [*tab_row(place, tabs), *shown],
    }


def tab_row(place: Place, tabs: Sequence[Tab]) -> list[Block]:
    """The tabs as a row of buttons, with a line below; nothing for whoever has one only."""
    if len(tabs) < 2:
        return []
    buttons = [
        go(
            tab.label,
            Place(tab.name),
            key=f"tab_{tab.name}",
            style="primary" if tab.name == place.tab else None,
        )
        for tab in tabs
    ]
    return [blocks.actions(buttons), blocks.divider()]


def go(label: str, place: Place, *, key: str, style: str | None = None) -> Block:
    """A button that leads to a place; `key` tells it from the others of the view."""
    return blocks.button(label, f"{GO}{key}", value=place.kept(), style=style)


def search(label: str, place: Place, *, hint: str) -> Block:
    """A field that looks for what is typed once Enter is pressed: the place's `query`."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": f"{SET}query",
        "max_length": SEARCH_LIMIT,
        "placeholder": blocks.plain(hint),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if place.query:
        element["initial_value"] = place.query
    return {
        "type": "input",
        # A field keeps what was typed as long as it keeps its name.
        "block_id": f"search:{place.tab}:{place.section}:{place.query}",
        "label": blocks.plain(label),
        "element": element,
        "dispatch_action": True,
        "optional": True,
    }


def menu(word: str, options: Sequence[Block], *, chosen: str, hint: str) -> Block:
    """A menu that sets a word of the place (`category`, `sort`, …) to what is chosen in it."""
    element: Block = {
        "type": "static_select",
        "action_id": f"{SET}{word}",
        "placeholder": blocks.plain(hint),
        "options": list(options[:100]),
    }
    initial = [one for one in options[:100] if one["value"] == chosen]
    if initial:
        element["initial_option"] = initial[0]
    return element


def turning_pages(
    place: Place, number: int, of: int, labels: tuple[str, ...] = IN_ORDER
) -> list[Block]:
    """Buttons to other pages, and which one this is, where there are several."""
    buttons = [
        go(label, place.at(page=page), key=label.lower())
        for label, page in paging.turns(number, of, labels)
    ]
    return [blocks.actions(buttons), *paging.place(number, of)] if buttons else []
