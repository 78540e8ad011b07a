"""Every setting, typed, read once."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Awarders:
    """Who may award: everyone, admins only, or these people and user groups (and admins)."""

    everyone: bool = False
    people: frozenset[str] = frozenset()  # Slack user ids
    groups: frozenset[str] = frozenset()  # Slack user-group ids


@dataclass(frozen=True)
class Settings:
    """What the environment says. Secrets do not show in its repr."""

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = field(default="sqlite:///laurel.db", repr=False)
    feed_channel: str = ""  # id or name; "": no feed
    admins: frozenset[str] = frozenset()
    awarders: Awarders = Awarders(everyone=True)
    timezone: str = "UTC"
    public_url: str = ""  # without a slash at its end
    host: str = "127.0.0.1"
    port: int = 3000
    environment_file: Path | None = None
