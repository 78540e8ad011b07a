"""Composition objects: the parts that blocks and elements share.

Limits: Slack's Block Kit reference, "Composition objects".
"""

import re

from bot.playground.rules.grammar import FLAG, Items, Shape, String, Text, choice, plain

IDENTIFIER = String(255, least=1)
WEB_ADDRESS = String(3000, 1, re.compile(r"https?://\S+"), "must be a valid http(s) URL")
SECURE_ADDRESS = String(3000, 1, re.compile(r"https://\S+"), "must be a valid https URL")
LINK = String(3000, 1, re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"), "must be a valid URL")
USER_ID = String(255, 1, re.compile(r"[UW][A-Z0-9]+"), "must be a valid user id")
CHANNEL_ID = String(255, 1, re.compile(r"[CG][A-Z0-9]+"), "must be a valid channel id")
CONVERSATION_ID = String(255, 1, re.compile(r"[CDGUW][A-Z0-9]+"), "must be a valid conversation id")
FILE_ID = String(255, 1, re.compile(r"F[A-Z0-9]+"), "must be a valid file id")

SLACK_FILE = Shape({"id": FILE_ID, "url": SECURE_ADDRESS}, one_of=("id", "url"))

CONFIRM = Shape(
    {
        "title": plain(100),
        "text": Text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": choice("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)

# Menus take plain text only; radio buttons and checkboxes also mrkdwn; only overflow menus links.
OPTION = Shape(
    {"text": plain(75), "value": String(150, least=1), "description": plain(75)},
    required=("text", "value"),
)
RICH_OPTION = Shape(
    {"text": Text(75), "value": String(150, least=1), "description": Text(75)},
    required=("text", "value"),
)
OVERFLOW_OPTION = Shape(
    {
        "text": plain(75),
        "value": String(150, least=1),
        "description": plain(75),
        "url": LINK,
    },
    required=("text", "value"),
)
OPTION_GROUP = Shape(
    {"label": plain(75), "options": Items(OPTION, 100)}, required=("label", "options")
)

CONVERSATION_FILTER = Shape(
    {
        "include": Items(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": FLAG,
        "exclude_bot_users": FLAG,
    },
    some_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)

DISPATCH_ACTION_CONFIG = Shape(
    {"trigger_actions_on": Items(choice("on_enter_pressed", "on_character_entered"), 2)},
    required=("trigger_actions_on",),
)

WORKFLOW = Shape(
    {
        "trigger": Shape(
            {
                "url": SECURE_ADDRESS,
                "customizable_input_parameters": Items(
                    Shape(
                        {"name": String(255, least=1), "value": String(3000)},
                        required=("name", "value"),
                    ),
                    100,
                    least=0,
                ),
            },
            required=("url",),
        )
    },
    required=("trigger",),
)
