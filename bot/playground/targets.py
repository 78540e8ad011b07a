"""Finding what a person means by "the Undo button": an element, where it stands, what is in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.playground.inputs import elements, initial_values
from bot.playground.outcome import CannotActError
from bot.playground.shapes import Json, Message, User, View

if TYPE_CHECKING:
    from bot.playground.reading import Reading


@dataclass(frozen=True, slots=True)
class Target:
    """An interactive element in a view or in a message."""

    block: Json
    element: Json
    view: View | None = None
    message: Message | None = None
    values: Json = field(default_factory=dict)


def matching(
    blocks: Iterable[Json], action_id: str | None, text: str | None, value: str | None
) -> tuple[Json, Json] | None:
    """Return the first block and element that fit all that is given."""
    for block, element in elements(blocks):
        ids = (element.get("action_id"), block.get("block_id"))
        if action_id is not None and action_id not in ids:
            continue
        label = element.get("text")
        if text is not None and (not isinstance(label, dict) or label.get("text") != text):
            continue
        if value is not None and element.get("value") != value:
            continue
        return block, element
    return None


def _places(
    engine: "Reading", person: User, where: Message | str | None, view: View | None
) -> Iterator[View | Message]:
    space = engine.workspace
    if view is not None:
        shown = space.views.get(view.id)
        if shown is None or shown.user != person.id:
            raise CannotActError("that view is not open")
        yield shown
        return
    if isinstance(where, Message):
        if where.ephemeral_to not in (None, person.id):
            raise CannotActError(f"{person.name} cannot see that message")
        yield where
        return
    open_view = engine.view(person)
    if open_view is not None and where is None:
        yield open_view
    mine = reversed(space.ephemerals[person.id].values())
    yield from (m for m in mine if where in (None, m.ts))
    seen = [
        message
        for channel in space.channels.values()
        if person.id in channel.members or channel.kind == "channels"
        for message in space.messages[channel.id].values()
        if where in (None, message.ts)
    ]
    yield from sorted(seen, key=lambda message: message.ts, reverse=True)
    home = engine.home(person)
    if home is not None and where is None:
        yield home


def find(
    engine: "Reading",
    person: User,
    action_id: str | None,
    text: str | None,
    value: Any,
    where: Message | str | None,
    view: View | None,
) -> Target:
    """Return the element meant, or raise CannotActError: nobody can click what is not there."""
    for place in _places(engine, person, where, view):
        found = matching(place.blocks, action_id, text, value)
        if found is None:
            continue
        if isinstance(place, View):
            return Target(*found, view=place, values=place.values)
        return Target(*found, message=place, values=initial_values(place.blocks))
    wanted = ", ".join(repr(part) for part in (action_id, text, value) if part is not None)
    raise CannotActError(f"{person.name} sees nothing like {wanted}")
