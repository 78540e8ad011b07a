"""A Slack workspace on this machine: for trying an app, and for its tests.

It knows Slack and nothing of the app. `Engine` is the whole of it:

    with Engine(clock=lambda: frozen) as engine:              # api_url, bot_token, signing_secret
        maria = engine.add_user("maria", real_name="Maria Silva", tz="Europe/Lisbon")
        kudos = engine.add_channel("kudos", members=[maria])  # bot_member=True
        platform = engine.add_group("platform", members=[maria])
        engine.connect(InProcess(call))  # call(body, headers) -> (status, headers, body)
        engine.connect(SignedHttp("http://127.0.0.1:3000/slack/events"))
        # or the app opens Socket Mode itself: apps.connections.open

Acting, as people do; each returns an `Outcome` (status, acknowledged_in, text, blocks, errors,
view, message, problem, options, reads()):

    command(user, "/award", "@maria team-player", channel=kudos, escape=True, deliver_times=1)
    click(user, action_id, text=, value=, message= | ephemeral= | view=)
    choose(user, action_id, option= | options= | users= | channels= | text= | date= | time=, …)
    type_ahead(user, action_id, "ping", view=)      -> list of options
    fill(view, {action_id or block_id: value})      -> View
    submit(user, view=None, values={}, times=1), close(user, view=None)
    message_shortcut(user, callback_id, message), global_shortcut(user, callback_id)
    open_home(user), post(user, channel, text), upload(user, name, content)

Workspace: add_user, change_user, deactivate, reactivate, add_channel, archive, unarchive, rename,
delete_channel, invite, remove, add_group, change_group, add_profile_field. Each sends the event
that Slack sends when an app is connected and subscribed (`engine.subscriptions`).

Reading: messages(channel), thread(message), ephemerals(user), dms(user), view(user), home(user),
channel(ref), user(ref), files, traffic. A `Message` has text, blocks, ts, user, edited, metadata,
reads() (what a person sees, one string) and pings() (the ids it notifies).

Enforced: tokens, scopes (`engine.scopes`), triggers, response_urls, `engine.limits` (429),
`engine.file_processing`, Block Kit (bot.playground.rules). Bad days: `engine.weather`,
`engine.sockets`, `engine.signing`. Time: `engine.advance(timedelta)`, `engine.run_due()`.
Live: `engine.watch(callback)`. Another process: `python -m bot.playground --port N`, driven over `/_control/`.
"""

from bot.playground.engine import Engine
from bot.playground.outcome import CannotActError, Outcome
from bot.playground.shapes import Channel, File, Group, Message, User, View
from bot.playground.traffic import Exchange
from bot.playground.transports import InProcess, SignedHttp

__all__ = [
    "CannotActError",
    "Channel",
    "Engine",
    "Exchange",
    "File",
    "Group",
    "InProcess",
    "Message",
    "Outcome",
    "SignedHttp",
    "User",
    "View",
]
