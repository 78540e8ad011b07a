"""Every setting, typed, read once."""

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Awarders:
    """Who may award: everyone, admins only, or these people and user groups (and admins)."""

    everyone: bool = False
    people: frozenset[str] = frozenset()  # Slack user ids
    groups: frozenset[str] = frozenset()  # Slack user-group ids

    @classmethod
    def parse(cls, text: str) -> "Awarders":
        """Read `everyone`, `admins`, or user and user-group ids with commas between.

        Raises ValueError with a sentence that names what it could not read.
        """
        words = [word.strip() for word in text.split(",") if word.strip()]
        if words == ["everyone"] or words == ["admins"]:
            return cls(everyone=words == ["everyone"])
        for word in words:
            if not re.fullmatch(r"[UWS][A-Z0-9]{2,}", word):
                raise ValueError(
                    f"“{word}” is neither everyone, nor admins, nor the id of a Slack user (U…, W…)"
                    " or user group (S…)"
                )
        return cls(
            people=frozenset(word for word in words if word[0] in "UW"),
            groups=frozenset(word for word in words if word[0] == "S"),
        )


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
