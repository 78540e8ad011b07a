"""The state of a workspace; everything in it changes under one lock."""

import base64
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.playground.clock import Clock
from bot.playground.shapes import Channel, File, Group, Json, Message, User, View

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_USES = 5
# From so many on, triggers and response URLs past their life are forgotten.
KEPT = 20_000
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

ALL_SCOPES = (
    "channels:history channels:join channels:read chat:write chat:write.public commands "
    "files:read files:write groups:history groups:read im:history im:read im:write mpim:history "
    "mpim:read mpim:write reactions:read reactions:write team:read usergroups:read "
    "users.profile:read users:read users:read.email"
)


@dataclass(slots=True)
class Grant:
    """What a token may do; `trouble` is the error Slack answers instead, once it may nothing."""

    kind: str
    scopes: set[str]
    trouble: str | None = None
    organisation: bool = False  # for all workspaces of one


@dataclass(slots=True)
class Trigger:
    """A person's act that lets the app open a view once."""

    user: str
    made: datetime
    view_id: str | None = None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A place to answer a command or click; `original` is the message clicked on."""

    user: str
    channel: str
    made: datetime
    original: Message | None = None
    uses: int = 0


@dataclass(slots=True)
class Workspace:
    """Everything Slack would keep for one workspace with one app installed."""

    clock: Clock
    app_name: str
    bot_token: str
    app_token: str
    base_url: str = ""
    team_id: str = "T0PLAY00001"
    team_name: str = "Playground"
    domain: str = "playground"
    app_id: str = "A0PLAY00001"
    bot_id: str = "B0PLAY00001"
    bot_user: str = "U0PLAYBOT01"
    lock: threading.RLock = field(default_factory=threading.RLock)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    ims: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = field(default_factory=lambda: defaultdict(dict))
    ephemerals: dict[str, dict[str, Message]] = field(default_factory=lambda: defaultdict(dict))
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    homes: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    profile_fields: dict[str, Json] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    file_processing: timedelta = timedelta(0)
    names: dict[str, str] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    watchers: list[Callable[[str, str], None]] = field(default_factory=list)
    _last_ts: int = 0
    _counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.grants[self.bot_token] = Grant("bot", set(ALL_SCOPES.split()))
        self.grants[self.app_token] = Grant("app", {"connections:write"})
        handle = self.app_name.lower()
        self.put_user(User(self.bot_user, handle, self.app_name, self.team_id, is_bot=True))
        self.put_user(User("USLACKBOT", "slackbot", "Slackbot", self.team_id))

    def put_user(self, user: User) -> User:
        """Keep a member as they are now."""
        self.users[user.id] = user
        self.names[user.id] = user.display_name or user.real_name
        self.handles[user.name.lower()] = user.id
        if user.display_name:
            self.handles.setdefault(user.display_name.lower(), user.id)
        self.changed("user", user.id)
        return user

    def put_channel(self, channel: Channel) -> Channel:
        """Keep a channel as it is now."""
        self.channels[channel.id] = channel
        self.names[channel.id] = channel.name
        self.changed("channel", channel.id)
        return channel

    def put_group(self, group: Group) -> Group:
        """Keep a user group as it is now."""
        self.groups[group.id] = group
        self.names[group.id] = group.handle
        self.changed("group", group.id)
        return group

    def changed(self, kind: str, key: str) -> None:
        """Tell those who watch that something of a kind (message, view, user, …) changed."""
        for watcher in list(self.watchers):
            watcher(kind, key)

    def new_id(self, prefix: str) -> str:
        """Return the next id of a kind: its letter and 10 characters, in order."""
        self._counts[prefix] += 1
        number, digits = self._counts[prefix], ""
        while number:
            number, rest = divmod(number, 32)
            digits = ALPHABET[rest] + digits
        return f"{prefix}0{digits:0>9}"

    def new_ts(self) -> str:
        """Return a message timestamp, unique and rising."""
        micros = max(int(self.clock.now().timestamp() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def seconds(self) -> int:
        """Return now as whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    def new_trigger(self, user: str, view_id: str | None = None) -> str:
        """Return a trigger id: one use within 3 s."""
        now = self.clock.now()
        if len(self.triggers) > KEPT:
            self.triggers = {k: t for k, t in self.triggers.items() if now - t.made <= TRIGGER_LIFE}
        trigger = f"{secrets.randbits(40)}.{secrets.randbits(40)}.{secrets.token_hex(16)}"
        self.triggers[trigger] = Trigger(user, now, view_id)
        return trigger

    def new_response_url(self, user: str, channel: str, original: Message | None = None) -> str:
        """Return a URL that takes 5 answers within 30 min."""
        now = self.clock.now()
        if len(self.response_urls) > KEPT:
            urls = self.response_urls.items()
            self.response_urls = {k: u for k, u in urls if now - u.made <= RESPONSE_URL_LIFE}
        key = f"{self.team_id}/{secrets.randbits(44)}/{secrets.token_hex(12)}"
        self.response_urls[key] = ResponseUrl(user, channel, now, original)
        return f"{self.base_url}/actions/{key}"

    def direct_channel(self, user: str) -> Channel:
        """Return the direct conversation between the app and a person, made when missing."""
        if user not in self.ims:
            channel = Channel(
                self.new_id("D"),
                "",
                self.team_id,
                self.seconds(),
                frozenset({user, self.bot_user}),
                is_im=True,
                user=user,
            )
            self.put_channel(channel)
            self.ims[user] = channel.id
        return self.channels[self.ims[user]]

    def add_message(self, channel: str, user: str, text: str, **parts: Any) -> Message:
        """Keep a new message and return it."""
        if user == self.bot_user:
            parts = {"bot_id": self.bot_id, "app_id": self.app_id, **parts}
        message = Message(channel, self.new_ts(), user, text, names=self.names, **parts)
        self.keep(message)
        return message

    def keep(self, message: Message) -> None:
        """Keep a message as it stands now, in place of the one of the same ts."""
        if message.ephemeral_to:
            self.ephemerals[message.ephemeral_to][message.ts] = message
        else:
            self.messages[message.channel][message.ts] = message
        self.changed("message", message.channel)

    def forget(self, message: Message) -> None:
        """Remove a message."""
        if message.ephemeral_to:
            self.ephemerals[message.ephemeral_to].pop(message.ts, None)
        else:
            self.messages[message.channel].pop(message.ts, None)
        self.changed("message", message.channel)

    def edit(self, message: Message, **parts: Any) -> Message:
        """Change a message and mark it as edited."""
        edited = replace(message, edited=self.new_ts(), **parts)
        self.keep(edited)
        return edited

    @property
    def site(self) -> str:
        """The workspace's own address, where its permalinks lead."""
        return f"https://{self.domain}.slack.com/"

    def permalink(self, channel: str, ts: str) -> str:
        """Return the address of a message."""
        return f"{self.site}archives/{channel}/p{ts.replace('.', '')}"

    @staticmethod
    def cursor(place: int) -> str:
        """Return the cursor of the page that begins at a place."""
        return base64.b64encode(f"next:{place}".encode()).decode()

    @staticmethod
    def read_cursor(cursor: object) -> int | None:
        """Return the place a page begins at, or None for a cursor that Slack never gave."""
        if not cursor:
            return 0
        try:
            word, _, place = base64.b64decode(str(cursor), validate=True).decode().partition(":")
            return int(place) if word == "next" else None
        except ValueError:
            return None

    def with_block_ids(self, blocks: list[Json]) -> list[Json]:
        """Return blocks with the block and action ids that Slack adds where they miss."""
        made: list[Json] = []
        for block in blocks:
            block = {**block, "block_id": block.get("block_id") or self._short_id("b")}
            for part in ("element", "accessory"):
                if isinstance(block.get(part), dict):
                    block[part] = self._with_action_id(block[part])
            if block["type"] == "actions":
                block["elements"] = [self._with_action_id(e) for e in block["elements"]]
            made.append(block)
        return made

    def _with_action_id(self, element: Json) -> Json:
        if element.get("type") == "image" or element.get("action_id"):
            return element
        return {**element, "action_id": self._short_id("a")}

    def _short_id(self, prefix: str) -> str:
        self._counts[f"id_{prefix}"] += 1
        return f"{prefix}{self._counts[f'id_{prefix}']:04d}"

    def find_file(self, wanted: Json) -> File | None:
        """Return the file that a block names by id or URL."""
        if "id" in wanted:
            return self.files.get(str(wanted["id"]))
        url = wanted.get("url")
        for file in self.files.values():
            if url in (file.url, file.url.replace("/files-pri/", "/files/")):
                return file
        return None

    def show_view(self, view: View) -> View:
        """Keep a view as it stands now."""
        self.views[view.id] = view
        self.changed("view", view.user)
        return view

    def close_view(self, view: View) -> None:
        """Take a modal from its person's screen; it can no longer be updated."""
        stack = self.stacks[view.user]
        if view.id in stack:
            stack.remove(view.id)
        self.views.pop(view.id, None)
        self.changed("view", view.user)

    def clear_views(self, user: str) -> None:
        """Close all of a person's modals."""
        for view_id in list(self.stacks[user]):
            self.close_view(self.views[view_id])
