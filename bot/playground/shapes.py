"""What a workspace is made of: frozen values, and how Slack writes each as JSON."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground import checks

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A member of the workspace; `deleted` means deactivated, as Slack has it."""

    id: str
    name: str
    real_name: str
    team: str
    display_name: str = ""
    email: str = ""
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    title: str = ""
    start_date: str | None = None
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    profile_fields: Mapping[str, str] = field(default_factory=dict)
    updated: int = 0
    image_url: str = ""
    also_in: tuple[str, ...] = ()  # further workspaces of the organisation

    @property
    def teams(self) -> tuple[str, ...]:
        """The workspaces that they are members of."""
        return (self.team, *self.also_in)

    def profile(self, *, with_email: bool = True) -> Json:
        """Return the profile as `users.info` shows it."""
        avatar = hashlib.sha256(self.id.encode()).hexdigest()[:12]
        profile: Json = {
            "title": self.title,
            "phone": "",
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "first_name": self.real_name.split(" ")[0],
            "last_name": self.real_name.partition(" ")[2],
            "status_text": "",
            "status_emoji": "",
            "avatar_hash": avatar,
            "team": self.team,
        }
        for size in (24, 32, 48, 72, 192, 512):
            profile[f"image_{size}"] = self.image_url
        if with_email:
            profile["email"] = self.email
        if self.start_date is not None:
            profile["start_date"] = self.start_date
        return profile

    def as_json(self, *, locale: bool = False, email: bool = True, at: datetime) -> Json:
        """Return the user object; a deactivated member has no timezone and no roles."""
        body: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "deleted": self.deleted,
            "profile": self.profile(with_email=email),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.deleted:
            return body
        offset = at.astimezone(ZoneInfo(self.tz)).utcoffset()
        body |= {
            "color": "9f69e7",
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }
        if locale:
            body["locale"] = self.locale
        return body


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a direct conversation (then `user` is the other side)."""

    id: str
    name: str
    team: str
    created: int
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_archived: bool = False
    user: str = ""

    @property
    def told_name(self) -> str:
        """The name that payloads of acts give: only public channels go by their own."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private or self.is_mpim else self.name

    @property
    def kind(self) -> str:
        """The kind that scopes are named by: channels, groups, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "groups" if self.is_private else "channels"

    def as_json(self, *, viewer: str) -> Json:
        """Return the conversation object as the bot user sees it."""
        if self.is_im:
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_archived": self.is_archived,
                "is_org_shared": False,
                "user": self.user,
            }
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "creator": "USLACKBOT",
            "context_team_id": self.team,
            "is_channel": not self.is_private and not self.is_mpim,
            "is_group": self.is_private and not self.is_mpim,
            "is_im": False,
            "is_mpim": self.is_mpim,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_member": viewer in self.members,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, such as `@platform`."""

    id: str
    handle: str
    name: str
    team: str
    members: tuple[str, ...] = ()
    created: int = 0
    deleted_at: int = 0

    def as_json(self, *, users: bool = False, count: bool = False) -> Json:
        """Return the user group object."""
        body: Json = {
            "id": self.id,
            "team_id": self.team,
            "is_usergroup": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": self.created,
            "date_update": self.created,
            "date_delete": self.deleted_at,
            "auto_type": None,
            "created_by": "USLACKBOT",
            "updated_by": "USLACKBOT",
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
        }
        if users:
            body["users"] = list(self.members)
        if count:
            body["user_count"] = len(self.members)
        return body


@dataclass(frozen=True, slots=True)
class File:
    """A file: `uploaded` once the bytes are there, `complete` once shown to the workspace."""

    id: str
    name: str
    title: str
    user: str
    size: int
    created: int
    url: str
    alt_text: str = ""
    content: bytes = field(default=b"", repr=False)
    uploaded: bool = False
    complete: bool = False
    ready_at: datetime | None = None
    channels: tuple[str, ...] = ()

    @property
    def filetype(self) -> str:
        """Slack's short name of what the bytes are, else the name's ending."""
        for start, kind in ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif")):
            if self.content.startswith(start):
                return kind
        ending = self.name.rpartition(".")[2].lower()
        return "binary" if ending in {"png", "jpg", "jpeg", "gif"} else ending or "binary"

    @property
    def mimetype(self) -> str:
        """The media type Slack would tell."""
        pictures = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
        return pictures.get(self.filetype, "application/octet-stream")

    def is_ready(self, at: datetime) -> bool:
        """Tell whether processing is over."""
        return self.complete and (self.ready_at is None or self.ready_at <= at)

    def as_json(self, *, at: datetime) -> Json:
        """Return the file object; before processing ends it tells no type."""
        ready = self.is_ready(at)
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "alt_txt": self.alt_text,
            "mimetype": self.mimetype if ready else "",
            "filetype": self.filetype if ready else "",
            "user": self.user,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(self.channels),
            "url_private": self.url,
            "url_private_download": f"{self.url}?download=1",
            "permalink": self.url.replace("/files-pri/", "/files/"),
            "channels": list(self.channels),
            "groups": [],
            "ims": [],
        }


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands now; `ephemeral_to` names the only person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    edited: str | None = None
    metadata: Json | None = None
    ephemeral_to: str | None = None
    files: tuple[Json, ...] = ()
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broadcast: bool = False
    names: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def reads(self) -> str:
        """Return all that a person sees of it, in order, one text a line."""
        return checks.reads({"text": self.text, "blocks": self.blocks}, self.names)

    def pings(self) -> frozenset[str]:
        """Return the ids it notifies: U…, W…, S…, and `!channel` and its like."""
        return checks.pings({"text": self.text, "blocks": self.blocks})

    def as_json(self, *, with_metadata: bool = True) -> Json:
        """Return the message object as history and payloads show it."""
        body: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
        }
        if self.bot_id:
            body |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.blocks:
            body["blocks"] = self.blocks
        if self.attachments:
            body["attachments"] = self.attachments
        if self.thread_ts:
            body["thread_ts"] = self.thread_ts
        if self.edited:
            body["edited"] = {"user": self.user, "ts": self.edited}
        if self.files:
            body["files"] = list(self.files)
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        if self.metadata is not None and with_metadata:
            body["metadata"] = self.metadata
        return body


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a Home tab as it stands now, with what its person has entered."""

    id: str
    user: str
    payload: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.payload["type"])

    @property
    def title(self) -> str:
        """The title's text."""
        return str(self.payload.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        blocks: list[Json] = self.payload["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The callback id the app gave."""
        return str(self.payload.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """The app's own note in the view."""
        return str(self.payload.get("private_metadata") or "")

    def reads(self) -> str:
        """Return all that a person sees of it, in order, one text a line."""
        buttons = [self.payload.get(part, {}).get("text", "") for part in ("submit", "close")]
        inside = checks.reads({"text": "", "blocks": self.blocks}, self.names)
        return "\n".join(part for part in (self.title, inside, *buttons) if part)

    def as_json(self, *, team: str, app: str, bot: str) -> Json:
        """Return the view object as methods and payloads show it."""
        return {
            "private_metadata": "",
            "callback_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "close": None,
            "submit": None,
            "external_id": "",
            **self.payload,
            "id": self.id,
            "team_id": team,
            "app_id": app,
            "app_installed_team_id": team,
            "bot_id": bot,
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
            "state": {"values": self.values},
        }
