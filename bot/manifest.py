"""The Slack app manifest, and why it asks for each scope."""

import json
from pathlib import Path
from typing import Any

# Where Slack sends people back who install the app.
REDIRECT_PATH = "/slack/oauth_redirect"
MANIFEST = Path(__file__).parent.parent / "assets" / "manifest.json"

SCOPES = {
    "commands": "People type /award and /badges, and use the shortcut on a message.",
    "chat:write": "Laurel posts awards in the feed channel it was invited to, edits and deletes"
    " these posts, and tells recipients in a direct message.",
    "files:write": "Laurel uploads the pictures of badges, so that messages can show them.",
    "files:read": "Laurel reads the HR file that a badge admin drops in its direct messages, the files"
    " of its own forms, and no other file.",
    "im:history": "Laurel hears when an HR file is dropped in its direct messages, and after a crash"
    " looks whether a direct message was sent already; it sees only its own conversations.",
    "users:read": "Laurel knows names, timezones and who is a guest, a bot or deactivated, and"
    " hears of newcomers.",
    "users:read.email": "Laurel matches people with the HR file by their e-mail addresses, and shows"
    " these only to whoever imports it.",
    "usergroups:read": "A user group can be awarded as a whole, and can be who may award.",
    "channels:join": "Laurel joins a public feed channel when a badge admin presses the button for it in"
    " Settings, and no channel otherwise.",
    "channels:read": "Laurel finds the feed channel by its name, and `laurel doctor` sees whether"
    " it is archived or Laurel is not in it.",
    "groups:read": "The same for a feed channel that is private; Laurel sees only private channels"
    " it was invited to.",
}
OPTIONAL_SCOPES = {
    "users.profile:read": "Laurel reads start dates from Slack profiles (Slack Atlas, or the field"
    " that LAUREL_START_DATE_FIELD names), for anniversaries.",
    "channels:history": "After a crash in the middle of posting, Laurel looks whether the post is"
    " in the feed already, instead of perhaps posting it twice.",
    "groups:history": "The same for a feed channel that is private.",
    "im:write": "The same for direct messages: finds the conversation to look in.",
}


def manifest(
    *, public_url: str = "", over_http: bool = False, by_oauth: bool = False
) -> dict[str, Any]:
    """The manifest for Socket Mode, or with `over_http` for a Laurel that Slack calls at its URL.

    `by_oauth`: for any number of workspaces and whole organisations, over HTTP too.
    """
    said: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    if not over_http and not by_oauth:
        return said
    if by_oauth:
        said["oauth_config"]["redirect_urls"] = [
            f"{public_url or 'https://laurel.example.com'}{REDIRECT_PATH}"
        ]
        said["settings"]["org_deploy_enabled"] = True
        said["settings"]["token_rotation_enabled"] = True
    address = f"{public_url or 'https://laurel.example.com'}/slack/events"
    for command in said["features"]["slash_commands"]:
        command["url"] = address
    settings = said["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"] = {"request_url": address, **settings["event_subscriptions"]}
    settings["interactivity"] |= {"request_url": address, "message_menu_options_url": address}
    return said
