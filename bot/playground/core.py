"""The parts of an engine and the way from Slack to the app."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.playground.clock import Clock
from bot.playground.limits import Limits
from bot.playground.oauth import OAuth
from bot.playground.shapes import Channel, Json, User
from bot.playground.sockets import Sockets
from bot.playground.traffic import Exchange, Traffic
from bot.playground.transports import Answer, Delivery, Signing, Transport
from bot.playground.weather import Weather
from bot.playground.workspace import Workspace

RETRIES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
SUBSCRIPTIONS = frozenset(
    [
        "app_home_opened",
        "message.im",
        "team_join",
        "user_change",
        "subteam_created",
        "subteam_updated",
        "subteam_members_changed",
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "channel_deleted",
        "group_archive",
        "group_unarchive",
        "group_rename",
        "group_deleted",
        "tokens_revoked",
        "app_uninstalled",
    ]
)

# An app subscribes to messages by the kind of place: message.im
_PLACES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


class Core:
    """State, time, weather, traffic and the app's transport; `Engine` adds the rest."""

    def __init__(
        self,
        clock: Callable[[], datetime] | None,
        *,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        app_name: str,
    ) -> None:
        self.clock = Clock(clock)
        self.workspace = Workspace(self.clock, app_name, bot_token, app_token)
        self.limits = Limits()
        self.weather = Weather()
        self.traffic = Traffic()
        self.oauth = OAuth()
        self.sockets = Sockets(self.workspace.app_id)
        self.signing = Signing(signing_secret)
        self.subscriptions: set[str] = set(SUBSCRIPTIONS)
        self.stopping = threading.Event()
        self._transport: Transport | None = None

    @property
    def bot_token(self) -> str:
        """The app's bot token."""
        return self.workspace.bot_token

    @property
    def app_token(self) -> str:
        """The app's app-level token, for Socket Mode."""
        return self.workspace.app_token

    @property
    def signing_secret(self) -> str:
        """The secret that requests are signed with."""
        return self.signing.secret

    @property
    def scopes(self) -> set[str]:
        """The bot token's scopes; change them in place or set them anew."""
        return self.workspace.grants[self.bot_token].scopes

    @scopes.setter
    def scopes(self, granted: set[str]) -> None:
        self.workspace.grants[self.bot_token].scopes = set(granted)

    @property
    def file_processing(self) -> timedelta:
        """How long, by the workspace's clock, an uploaded picture cannot be used yet."""
        return self.workspace.file_processing

    @file_processing.setter
    def file_processing(self, delay: timedelta) -> None:
        self.workspace.file_processing = delay

    def break_token(self, error: str | None = "token_revoked") -> None:
        """Answer the bot token with an error from now on (`account_inactive`, …), or None."""
        self.workspace.grants[self.bot_token].trouble = error

    def agree(self, user: "User | str") -> str:
        """Somebody presses Allow: the code that the app exchanges by oauth.v2.access."""
        code = secrets.token_hex(16)
        with self.workspace.lock:
            self.oauth.codes[code] = self.user(user).id
        return code

    def uninstall(self) -> None:
        """Somebody removes the app: its token is void, and it is told."""
        self.break_token("account_inactive")
        self.emit({"type": "tokens_revoked", "tokens": {"bot": [self.workspace.bot_user]}})
        self.emit({"type": "app_uninstalled"})

    def teams(self) -> dict[str, str]:
        """The names of the organisation's workspaces, or of this one alone, by id."""
        return {self.workspace.team_id: self.workspace.team_name} | self.oauth.beside

    def user_json(self, user: User, *, locale: bool, email: bool = True) -> Json:
        """Return the user object, with the organisation that they are of."""
        body = user.as_json(locale=locale, email=email, at=self.clock.now())
        if self.oauth.enterprise and not self.teams().keys().isdisjoint(user.teams):
            enterprise_id, name = self.oauth.enterprise
            body["enterprise_user"] = {
                "id": user.id,
                "enterprise_id": enterprise_id,
                "enterprise_name": name,
                "is_admin": False,
                "is_owner": False,
                "teams": list(user.teams),
            }
        return body

    def watch(self, callback: Callable[[str, str], None]) -> Callable[[], None]:
        """Call back with (kind, key) whenever something changes; return how to stop that.

        Kinds: message (a channel's id), view and user (a person's), channel, group, file. It is
        called in whichever thread changes things, under the workspace's lock: only take note.
        """
        self.workspace.watchers.append(callback)
        return lambda: self.workspace.watchers.remove(callback)

    def connect(self, transport: Transport | None) -> None:
        """Reach the app this way from now on; None leaves Socket Mode, where it is open."""
        self._transport = transport

    @property
    def transport(self) -> Transport | None:
        """The way to the app now, if there is one."""
        if self._transport is not None:
            return self._transport
        return self.sockets if len(self.sockets) else None

    def advance(self, by: timedelta) -> datetime:
        """Move time forward, do what became due and return the new time."""
        now = self.clock.move(by)
        self.run_due()
        return now

    def run_due(self) -> int:
        """Do what is due by the clock (retried events) and return how much that was."""
        return self.clock.run_due()

    def deliver(self, delivery: Delivery) -> Answer:
        """Tell the app something once and note the exchange."""
        transport = self.transport
        at = self.clock.now()
        if transport is None:
            answer = Answer(None, "", 0.0, "dispatch_failed")
        else:
            answer = transport.deliver(delivery, self.signing)
        note = answer.problem or (f"retry {delivery.retry}" if delivery.retry else "")
        told = answer.json() if answer.body else ""
        self.traffic.note(
            Exchange(
                at,
                "to_app",
                delivery.name,
                delivery.payload,
                answer.status,
                answer.body if told is None else told,
                answer.seconds,
                note,
            )
        )
        return answer

    def emit(self, event: Json, *, to: Callable[[Delivery], Any] | None = None) -> None:
        """Send an event if an app is connected and subscribed; retried as Slack does."""
        names = {event["type"], f"{event['type']}.{_PLACES.get(event.get('channel_type', ''), '')}"}
        if not names & self.subscriptions or self.transport is None:
            return
        space = self.workspace
        payload = {
            "token": "verification",
            "team_id": space.team_id,
            "api_app_id": space.app_id,
            "event": {"event_ts": space.new_ts(), **event},
            "type": "event_callback",
            "event_id": space.new_id("Ev"),
            "event_time": space.seconds(),
            "authorizations": [
                {
                    "enterprise_id": self.oauth.enterprise[0] if self.oauth.enterprise else None,
                    "team_id": space.team_id,
                    "user_id": space.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": self.oauth.whole_organisation,
                }
            ],
            "is_ext_shared_channel": False,
        }
        (to or self._try_event)(Delivery("events_api", event["type"], payload))

    def _try_event(self, delivery: Delivery) -> None:
        answer = self.deliver(delivery)
        if answer.ok or delivery.retry >= len(RETRIES):
            return
        reason = "http_timeout" if answer.problem == "operation_timeout" else "http_error"
        again = Delivery(
            delivery.envelope, delivery.name, delivery.payload, delivery.retry + 1, reason
        )
        wait = RETRIES[delivery.retry]
        if not wait:
            self._try_event(again)
            return
        # Slack counts the minute and the five minutes from the try before.
        self.clock.call_at(self.clock.now() + wait, lambda: self._try_event(again))

    def user(self, ref: "User | str") -> User:
        """Return a person as they are now, by value, id or name."""
        users = self.workspace.users
        key = ref.id if isinstance(ref, User) else ref
        if key in users:
            return users[key]
        for user in users.values():
            if user.name == key.removeprefix("@"):
                return user
        raise KeyError(f"no such person: {ref}")

    def channel(self, ref: "Channel | str") -> Channel:
        """Return a channel as it is now, by value, id or name."""
        channels = self.workspace.channels
        key = ref.id if isinstance(ref, Channel) else ref
        if key in channels:
            return channels[key]
        for channel in channels.values():
            if channel.name and channel.name == key.removeprefix("#"):
                return channel
        raise KeyError(f"no such channel: {ref}")
