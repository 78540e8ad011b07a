"""The workspace in one browser page, for people: it draws what the engine holds and acts in it.

    engine = Engine(app_name="Herald", port=3000)
    engine.mount(create(engine, Offer(commands=(SlashCommand("/post", "Post something"),))))

`create` returns the ASGI application, and `waiting` one for its place until the engine holds what is
to be seen. Everything the page shows and asks for comes from this machine.
"""

from bot.playground.page.offer import Journey, Offer, Shortcut, SlashCommand, Step
from bot.playground.page.routes import create
from bot.playground.page.waiting import waiting

__all__ = ["Journey", "Offer", "Shortcut", "SlashCommand", "Step", "create", "waiting"]
