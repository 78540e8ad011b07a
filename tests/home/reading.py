"""What somebody reads in their Home, and what they can press."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.world import World

Json = Mapping[str, Any]


def home_blocks(world: World, who: str) -> list[Json]:
    """The blocks of somebody's Home as it is shown now."""
    view = world.engine.home(who)
    assert view is not None, f"{who} has no Home yet"
    return view.blocks


def open_home(world: World, who: str) -> str:
    """Open Home and read it."""
    world.engine.open_home(who)
    world.settle()
    return read_home(world, who)


def read_home(world: World, who: str) -> str:
    """Everything that somebody's Home says, a line for each text."""
    return "\n".join(_texts(home_blocks(world, who)))


def elements(world: World, who: str) -> list[str]:
    """The action ids in somebody's Home."""
    return [str(one["action_id"]) for one in _dicts(home_blocks(world, who)) if "action_id" in one]


def pictures(world: World, who: str) -> list[str]:
    """The alt texts of the pictures in somebody's Home."""
    return [str(one["alt_text"]) for one in _dicts(home_blocks(world, who)) if one.get("alt_text")]


def _dicts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _dicts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _dicts(one)


def _texts(value: Any) -> Iterator[str]:
    for one in _dicts(value):
        if isinstance(one.get("text"), str):
            yield one["text"]
