"""People, channels and user groups, as an admin of the workspace changes them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.playground.core import Core
from bot.playground.shapes import Channel, File, Group, User

Person = User | str
Place = Channel | str


class Roster(Core):
    """Changes to who and what is in the workspace, each with the event Slack sends."""

    def add_user(
        self,
        name: str = "maria",
        real_name: str | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Slack's word
        display_name: str = "",
        email: str | None = None,
        tz: str = "Europe/Lisbon",
        locale: str = "en-US",
        title: str = "",
        start_date: str | None = None,
        is_admin: bool = False,
        is_owner: bool = False,
        is_bot: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        deleted: bool = False,
        profile_fields: Mapping[str, str] | None = None,
        image_url: str = "",
    ) -> User:
        """Add a member; `profile_fields` maps ids of custom fields to values."""
        space = self.workspace
        with space.lock:
            user = space.put_user(
                User(
                    id or space.new_id("U"),
                    name,
                    real_name or name.title(),
                    space.team_id,
                    display_name,
                    f"{name}@example.com" if email is None else email,
                    tz,
                    locale,
                    title,
                    start_date,
                    is_admin,
                    is_owner,
                    is_bot,
                    is_restricted,
                    is_ultra_restricted,
                    deleted,
                    dict(profile_fields or {}),
                    space.seconds(),
                    image_url,
                )
            )
        self._emit_user("team_join", user)
        return user

    def _emit_user(self, event: str, user: User) -> None:
        body = self.user_json(user, locale=True)
        self.emit({"type": event, "user": body, "cache_ts": self.workspace.seconds()})

    def change_user(self, user: Person, **changes: Any) -> User:
        """Change any field of a member (`real_name`, `tz`, `is_admin`, `deleted`, …)."""
        space = self.workspace
        with space.lock:
            before = self.user(user)
            after = space.put_user(replace(before, updated=space.seconds(), **changes))
            if after.name != before.name:
                space.handles.pop(before.name.lower(), None)
        self._emit_user("user_change", after)
        return after

    def deactivate(self, user: Person) -> User:
        """Deactivate a member."""
        return self.change_user(user, deleted=True)

    def reactivate(self, user: Person) -> User:
        """Let a deactivated member back in."""
        return self.change_user(user, deleted=False)

    def add_profile_field(
        self,
        label: str,
        *,
        kind: str = "text",
        id: str | None = None,  # noqa: A002 - Slack's word
    ) -> str:
        """Add a custom profile field (`text`, `date`, …) and return its id."""
        space = self.workspace
        with space.lock:
            key = id or space.new_id("Xf")
            space.profile_fields[key] = {
                "id": key,
                "ordering": len(space.profile_fields),
                "label": label,
                "hint": "",
                "type": kind,
                "possible_values": None,
                "options": None,
                "is_hidden": False,
            }
        return key

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        archived: bool = False,
        members: Iterable[Person] = (),
        bot_member: bool = True,
        id: str | None = None,  # noqa: A002 - Slack's word
    ) -> Channel:
        """Add a channel."""
        space = self.workspace
        with space.lock:
            inside = {self.user(member).id for member in members}
            if bot_member:
                inside.add(space.bot_user)
            return space.put_channel(
                Channel(
                    id or space.new_id("C"),
                    name,
                    space.team_id,
                    space.seconds(),
                    frozenset(inside),
                    private,
                    is_archived=archived,
                )
            )

    def _change_channel(self, place: Place, event: str, **changes: Any) -> Channel:
        with self.workspace.lock:
            channel = self.workspace.put_channel(replace(self.channel(place), **changes))
        kind = "group" if channel.is_private else "channel"
        about: Any = channel.id
        if event == "rename":
            about = {"id": channel.id, "name": channel.name, "created": channel.created}
        self.emit({"type": f"{kind}_{event}", "channel": about, "user": "USLACKBOT"})
        return channel

    def archive(self, channel: Place) -> Channel:
        """Archive a channel."""
        return self._change_channel(channel, "archive", is_archived=True)

    def unarchive(self, channel: Place) -> Channel:
        """Bring an archived channel back."""
        return self._change_channel(channel, "unarchive", is_archived=False)

    def rename(self, channel: Place, name: str) -> Channel:
        """Rename a channel."""
        return self._change_channel(channel, "rename", name=name)

    def delete_channel(self, channel: Place) -> None:
        """Delete a channel with all its messages."""
        gone = self._change_channel(channel, "deleted")
        with self.workspace.lock:
            del self.workspace.channels[gone.id]
            self.workspace.messages.pop(gone.id, None)

    def invite(self, channel: Place, *users: Person) -> Channel:
        """Add people, or the bot user, to a channel."""
        return self._members(channel, users, joined=True)

    def remove(self, channel: Place, *users: Person) -> Channel:
        """Take people, or the bot user, out of a channel."""
        return self._members(channel, users, joined=False)

    def _members(self, place: Place, users: Iterable[Person], *, joined: bool) -> Channel:
        with self.workspace.lock:
            channel = self.channel(place)
            ids = {self.user(user).id for user in users}
            changed = ids - channel.members if joined else ids & channel.members
            members = channel.members | ids if joined else channel.members - ids
            channel = self.workspace.put_channel(replace(channel, members=frozenset(members)))
        for user in sorted(changed):
            event = {
                "type": "member_joined_channel" if joined else "member_left_channel",
                "user": user,
                "channel": channel.id,
                "channel_type": "G" if channel.is_private else "C",
                "team": channel.team,
            }
            self.emit(event)
        return channel

    @property
    def bot(self) -> User:
        """The app's bot user."""
        return self.workspace.users[self.workspace.bot_user]

    def add_group(
        self,
        handle: str,
        *,
        members: Iterable[Person] = (),
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Slack's word
    ) -> Group:
        """Add a user group."""
        space = self.workspace
        with space.lock:
            inside = tuple(self.user(member).id for member in members)
            group = space.put_group(
                Group(
                    id or space.new_id("S"),
                    handle,
                    name or handle.title(),
                    space.team_id,
                    inside,
                    space.seconds(),
                )
            )
        self.emit({"type": "subteam_created", "subteam": group.as_json(users=True)})
        return group

    def change_group(
        self,
        group: Group | str,
        *,
        members: Iterable[Person] | None = None,
        handle: str | None = None,
        disabled: bool | None = None,
    ) -> Group:
        """Change a user group's people or handle, or disable it."""
        space = self.workspace
        with space.lock:
            before = space.groups[group.id if isinstance(group, Group) else group]
            after = before
            if members is not None:
                after = replace(after, members=tuple(self.user(member).id for member in members))
            if handle is not None:
                after = replace(after, handle=handle)
            if disabled is not None:
                after = replace(after, deleted_at=space.seconds() if disabled else 0)
            space.put_group(after)
        self.emit({"type": "subteam_updated", "subteam": after.as_json(users=True)})
        if set(after.members) != set(before.members):
            self._emit_members(before, after)
        return after

    def _emit_members(self, before: Group, after: Group) -> None:
        added = [user for user in after.members if user not in before.members]
        removed = [user for user in before.members if user not in after.members]
        self.emit(
            {
                "type": "subteam_members_changed",
                "subteam_id": after.id,
                "team_id": after.team,
                "date_previous_update": before.created,
                "date_update": self.workspace.seconds(),
                "added_users": added,
                "added_users_count": str(len(added)),
                "removed_users": removed,
                "removed_users_count": str(len(removed)),
            }
        )

    def upload(self, user: Person, name: str, content: bytes) -> File:
        """Give the workspace a file of a person's, as a modal's file input does."""
        space = self.workspace
        with space.lock:
            file_id = space.new_id("F")
            file = File(
                file_id,
                name,
                name,
                self.user(user).id,
                len(content),
                space.seconds(),
                f"{space.base_url}/files-pri/{space.team_id}-{file_id}/{name}",
                content=content,
                uploaded=True,
                complete=True,
            )
            space.files[file_id] = file
        return file
