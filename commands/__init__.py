"""Everything people can do in Slack: one module a command, with its modal and buttons."""

from slack_bolt import App

from bot.deps import Deps
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


def register(app: App, deps: Deps) -> None:
    """All listeners, those that are asked most first: Bolt asks them in this order."""
    award.register(app, deps)
    badges.register(app, deps)
    award_modal.register(app, deps)
    events.register(app, deps)
    home.register(app, deps)
    studio.register(app, deps)
    settings.register(app, deps)
    people_import.register(app, deps)
    bulk.register(app, deps)
    search.register(app, deps)
