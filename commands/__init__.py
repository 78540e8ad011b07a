"""Everything people can do in Slack: one module a command, with its modal and buttons."""

from bot.deps import Deps
from bot.listeners import Listeners
from commands import (
    award,
    award_modal,
    badges,
    bulk,
    events,
    home,
    people_import,
    search,
    settings,
    studio,
)


def register(on: Listeners, deps: Deps) -> None:
    """All that Laurel listens to."""
    award.register(on, deps)
    badges.register(on, deps)
    award_modal.register(on, deps)
    events.register(on, deps)
    home.register(on, deps)
    studio.register(on, deps)
    settings.register(on, deps)
    people_import.register(on, deps)
    bulk.register(on, deps)
    search.register(on, deps)
