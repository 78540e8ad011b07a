"""`laurel doctor`: looks at everything that Laurel needs, and says what to do about what is missing."""

import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from stat import S_IROTH
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import VERSION, rules
from bot.database_trouble import missing_file, newer_tables, sqlite_file, unanswered
from bot.delivery.trouble import SlackTroubleError, ask
from bot.doctor_upload import look_at_upload
from bot.finding import Finding, advice
from bot.manifest import OPTIONAL_SCOPES, SCOPES
from bot.messages.text import is_channel_id
from bot.settings import Settings, what_is_missing
from storage import migrate, people, workspaces
from storage.database import Database, DatabaseUnavailableError, ping, try_writing

SIGNATURES_LAST = 300  # seconds: Slack's signatures, and so how wrong the clock may be at most
CLOCK_MAY_DIFFER = 60


class Doctor:
    """Looks at one thing after the other; `examine` yields what it finds."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        client: WebClient,
        now: Callable[[], float] = time.time,
        draw: Callable[[], bytes] | None = None,
        missing_fonts: Callable[[], Sequence[Path]] | None = None,
        upload: bool = False,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """With `upload`, a picture is given to Slack for a moment, to see what becomes of it."""
        self._draw = draw or draw_badge
        self._missing_fonts = missing_fonts or _missing_fonts
        self._upload = upload
        self._wait = wait
        self._settings = settings
        self._database = database
        self._client = client
        self._now = now

    def examine(self) -> Iterator[Finding]:
        """Everything, in an order in which the first failure explains those after it."""
        yield Finding("version", "ok", f"This is Laurel {VERSION}.")
        missing = what_is_missing(self._settings)
        if missing:
            yield from (Finding("settings", "failed", sentence) for sentence in missing)
        else:
            yield Finding("settings", "ok", "Everything that Laurel cannot do without is set.")
        yield from (Finding("settings", "hint", sentence) for sentence in self._settings.unknown)
        yield from self._look_at_database()
        pictures = self._look_at_pictures()
        yield pictures
        if self._settings.by_oauth:
            yield Finding(
                "slack",
                "skipped",
                "Each workspace has a token of its own: `laurel workspaces list` shows where Laurel"
                f" is installed, and {self._settings.install_url} installs it in another.",
            )
            return
        if not self._settings.bot_token:
            yield Finding("slack", "skipped", "Without a bot token there is nothing to ask Slack.")
            return
        try:
            said = ask(self._client.auth_test)
        except SlackTroubleError as trouble:
            yield Finding("bot token", "failed", advice("SLACK_BOT_TOKEN", trouble))
            return
        yield Finding("bot token", "ok", f"Laurel is in the workspace {said['team']}.")
        yield look_at_clock(_header(said, "date"), self._now())
        yield from _look_at_scopes(said)
        if self._settings.app_token:
            yield self._look_at_app_token()
        if self._upload and pictures.state == "ok":
            yield look_at_upload(self._client, self._draw(), self._wait)
        decided, owners = self._look_at_workspace(str(said["team_id"]))
        yield owners
        yield self._look_at_feed(decided)

    def _look_at_workspace(self, team_id: str) -> tuple[Settings, Finding]:
        """The settings that hold in a workspace, and whether anybody can administer it."""

        def read(session: Connection) -> tuple[Settings, Finding]:
            workspace = workspaces.by_team(session, team_id=team_id)
            if workspace is None:
                return self._settings, _NOT_MET
            return (
                rules.in_force(session, self._settings, workspace_id=workspace.id),
                look_at_owners(
                    people.count_owners(
                        session, workspace_id=workspace.id, slack_ids=self._settings.admins
                    )
                ),
            )

        if missing_file(self._database.url):
            return self._settings, _NOT_MET
        try:
            return self._database.read(read)
        except (DatabaseUnavailableError, DBAPIError):  # which was said already
            return self._settings, _NOT_MET

    def _look_at_database(self) -> Iterator[Finding]:
        missing = missing_file(self._database.url)
        if missing:
            yield Finding("database", "failed", missing)
            return
        try:
            self._database.read(ping)
            current, newer = migrate.is_current(self._database), migrate.newer(self._database)
            if current and self._database.is_sqlite:
                self._database.write(try_writing)
        except DatabaseUnavailableError as problem:
            yield Finding("database", "failed", unanswered(problem, self._database.url))
            return
        yield Finding("database", "ok", f"The {self._database.url.get_backend_name()} answers.")
        file = sqlite_file(self._database.url)
        if file is not None and file.stat().st_mode & S_IROTH:
            sentence = f"Everybody on this machine can read the database: `chmod 600 {file}*`."
            yield Finding("database", "hint", sentence)
        if newer:
            yield Finding("migrations", "hint", newer_tables(newer))
        elif current:
            yield Finding("migrations", "ok", "The tables are up to date.")
        else:
            yield Finding(
                "migrations",
                "failed",
                "The tables are not up to date: run `laurel db upgrade` (`laurel run` does it too).",
            )

    def _look_at_pictures(self) -> Finding:
        try:
            missing = self._missing_fonts()
            if missing:
                names = ", ".join(font.name for font in missing)
                return Finding(
                    "pictures",
                    "failed",
                    f"{names} should be in {missing[0].parent} and cannot be found, so pictures are"
                    " spoiled or missing: install Laurel again, with its assets.",
                )
            self._draw()
        except (OSError, ImportError, ValueError) as problem:
            return Finding(
                "pictures",
                "failed",
                f"Pictures cannot be drawn ({type(problem).__name__}: {problem}): install Laurel"
                " again, with its assets and Pillow.",
            )
        return Finding("pictures", "ok", "The fonts are there, and a badge was drawn.")

    def _look_at_app_token(self) -> Finding:
        try:
            ask(lambda: self._client.apps_connections_open(app_token=self._settings.app_token))
        except SlackTroubleError as trouble:
            if not trouble.permanent:
                return Finding("app token", "failed", advice("SLACK_APP_TOKEN", trouble))
            return Finding(
                "app token",
                "failed",
                f"SLACK_APP_TOKEN: {trouble.code}. Slack opens no connection with it: generate a new"
                " app-level token with the scope connections:write under “Basic Information” of the"
                " app at https://api.slack.com/apps, set it, and restart Laurel.",
            )
        return Finding("app token", "ok", "Socket Mode can be opened.")

    def _look_at_feed(self, decided: Settings) -> Finding:
        name = decided.feed_channel
        if not name:
            return Finding(
                "feed channel",
                "hint",
                "Awards are posted nowhere: choose a feed channel in Settings, or set"
                " LAUREL_FEED_CHANNEL to one's name or id, and invite Laurel to it.",
            )
        try:
            channel = self._channel(name)
        except SlackTroubleError as trouble:
            return Finding("feed channel", "failed", advice(f"The feed channel {name}", trouble))
        if channel is None:
            sentence = (
                f"There is no channel {name} that Laurel can see: choose one that exists in Settings,"
                " or by LAUREL_FEED_CHANNEL; a private one shows once Laurel is invited to it."
            )
        elif channel.get("is_archived"):
            sentence = f"#{channel['name']} is archived: unarchive it, or choose another channel."
        elif not channel.get("is_member"):
            sentence = f"Laurel is not in #{channel['name']}: invite it there with /invite @Laurel."
        else:
            return Finding("feed channel", "ok", f"Awards are posted in #{channel['name']}.")
        return Finding("feed channel", "failed", sentence)

    def _channel(self, name: str) -> dict[str, Any] | None:
        if is_channel_id(name):
            try:
                info = ask(lambda: self._client.conversations_info(channel=name))
            except SlackTroubleError as trouble:
                if trouble.code == "channel_not_found":
                    return None
                raise
            return dict(info["channel"])
        cursor = ""
        while True:
            page = ask(
                lambda at=cursor: self._client.conversations_list(  # type: ignore[misc]
                    limit=999, cursor=at, types="public_channel,private_channel"
                )
            )
            for channel in page["channels"]:
                if channel["name"] == name:
                    return dict(channel)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None


def _missing_fonts() -> Sequence[Path]:
    from bot.artwork.fonts import missing_fonts  # with Pillow, which may be what is missing

    return missing_fonts()


def draw_badge() -> bytes:
    """Draw a badge and its card, with letters of several scripts."""
    from bot.artwork import badge_card, generated_badge

    drawn = generated_badge("Ping-Pong Champion", seed="doctor")
    return badge_card(drawn, name="Ping-Pong Champion", category="Contests", description="Ω Я 由")


_NOT_MET = Finding(
    "owners", "skipped", "Who the owners are shows once `laurel run` has met the workspace."
)


def look_at_owners(owners: int) -> Finding:
    """Say how many people decide about everything here."""
    if not owners:
        return Finding(
            "owners",
            "hint",
            "Nobody can administer Laurel: none of the people it knows is an admin of the workspace or"
            " named by LAUREL_ADMINS. Set that to your Slack user id, or wait until it has read who"
            " is in the workspace.",
        )
    people_are = "person is an owner" if owners == 1 else "people are owners"
    return Finding(
        "owners",
        "ok",
        f"{owners:,} {people_are}, by Slack's admins and LAUREL_ADMINS, and can change everything.",
    )


def look_at_clock(slack_says: str, now: float) -> Finding:
    """Compare this machine's time (seconds since 1970) with the Date header of an answer."""
    if not slack_says:
        return Finding("clock", "skipped", "Slack did not say what time it is.")
    apart = abs(now - parsedate_to_datetime(slack_says).timestamp())
    if apart > CLOCK_MAY_DIFFER:
        return Finding(
            "clock",
            "failed",
            f"This machine's clock differs from Slack's by {round(apart)} seconds, and from"
            f" {SIGNATURES_LAST} on every request is refused: switch on time synchronisation.",
        )
    return Finding("clock", "ok", "The clock agrees with Slack's.")


def _look_at_scopes(said: SlackResponse) -> Iterator[Finding]:
    granted = {scope.strip() for scope in _header(said, "x-oauth-scopes").split(",")}
    missing = [scope for scope in SCOPES if scope not in granted]
    for scope in missing:
        yield Finding(
            "scopes",
            "failed",
            f"The scope {scope} is missing. {SCOPES[scope]} Bring the app up to date with the"
            " output of `laurel manifest`, and install it again.",
        )
    if not missing:
        yield Finding("scopes", "ok", "The app has every scope that Laurel needs.")
    for scope, why in OPTIONAL_SCOPES.items():
        if scope not in granted:
            yield Finding("scopes", "hint", f"The scope {scope} is not granted. {why}")


def _header(said: SlackResponse, name: str) -> str:
    for key, value in said.headers.items():
        if key.lower() == name:
            return str(value[0] if isinstance(value, list) else value)
    return ""
