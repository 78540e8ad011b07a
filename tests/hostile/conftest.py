"""A door to a world on SQLite."""

from collections.abc import Iterator

import pytest

from tests.hostile.door import Door
from tests.world import World


@pytest.fixture
def door(world: World) -> Iterator[Door]:
    """The web side of the usual world."""
    opened = Door(world)
    yield opened
    opened.close()
