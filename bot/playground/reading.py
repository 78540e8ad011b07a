"""What people see in the workspace now."""

from bot.playground.roster import Person, Place, Roster
from bot.playground.shapes import File, Message, View


class Reading(Roster):
    """Looking at channels, messages, modals and Home tabs."""

    def messages(self, channel: Place) -> list[Message]:
        """Return a channel's messages outside threads, oldest first."""
        with self.workspace.lock:
            kept = self.workspace.messages[self.channel(channel).id].values()
            return [m for m in kept if m.thread_ts in (None, m.ts) or m.broadcast]

    def message(self, channel: Place, ts: str) -> Message | None:
        """Return one message as it stands now."""
        return self.workspace.messages[self.channel(channel).id].get(ts)

    def thread(self, message: Message) -> list[Message]:
        """Return the answers to a message, oldest first."""
        with self.workspace.lock:
            kept = self.workspace.messages[message.channel].values()
            return [m for m in kept if m.thread_ts == message.ts and m.ts != message.ts]

    def ephemerals(self, user: Person, channel: Place | None = None) -> list[Message]:
        """Return what only this person sees, oldest first."""
        where = None if channel is None else self.channel(channel).id
        with self.workspace.lock:
            kept = self.workspace.ephemerals[self.user(user).id].values()
            return [m for m in kept if where in (None, m.channel)]

    def dms(self, user: Person) -> list[Message]:
        """Return the conversation between the app and a person, oldest first."""
        with self.workspace.lock:
            channel = self.workspace.ims.get(self.user(user).id)
            return list(self.workspace.messages[channel].values()) if channel else []

    def view(self, user: Person) -> View | None:
        """Return the modal on top of a person's screen."""
        with self.workspace.lock:
            stack = self.workspace.stacks[self.user(user).id]
            return self.workspace.views[stack[-1]] if stack else None

    def views(self, user: Person) -> list[View]:
        """Return a person's open modals, the root first."""
        with self.workspace.lock:
            stack = self.workspace.stacks[self.user(user).id]
            return [self.workspace.views[view_id] for view_id in stack]

    def home(self, user: Person) -> View | None:
        """Return the app's Home tab as published for a person."""
        with self.workspace.lock:
            view_id = self.workspace.homes.get(self.user(user).id)
            return self.workspace.views[view_id] if view_id else None

    @property
    def files(self) -> list[File]:
        """All files in the workspace, oldest first."""
        with self.workspace.lock:
            return list(self.workspace.files.values())

    def permalink(self, message: Message) -> str:
        """Return a message's address."""
        return self.workspace.permalink(message.channel, message.ts)
