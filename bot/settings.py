"""Every setting, typed, read once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import environment_file
from bot.grants import ADMINS, EVERYONE, Grant, Limit, parse_grant

T = TypeVar("T")

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "DATABASE_URL",
)
NAMES = (
    *SECRETS,
    "SLACK_API_URL",
    "LAUREL_FEED_CHANNEL",
    "LAUREL_ADMINS",
    "LAUREL_AWARDERS",
    "LAUREL_TIMEZONE",
    "LAUREL_START_DATE_FIELD",
    "LAUREL_PUBLIC_URL",
    "LAUREL_HOST",
    "LAUREL_PORT",
    "LAUREL_LOG_FORMAT",
)
# Under these names `slack run`, of Slack's own command line, hands its tokens over.
SLACK_RUN = {"SLACK_BOT_TOKEN": "SLACK_CLI_XOXB", "SLACK_APP_TOKEN": "SLACK_CLI_XAPP"}
# What a workspace could decide as well, and the field that has it.
WORKSPACE = {
    "LAUREL_FEED_CHANNEL": "feed_channel",
    "LAUREL_AWARDERS": "awarders",
    "LAUREL_TIMEZONE": "timezone",
}
INSTALL_PATH = "/slack/install"

_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
# Slack's rules for names: no capitals, no spaces, no marks but hyphens and underscores, 80 at most.
_CHANNEL = re.compile(r"[^\s!-,./:-@\[-^`{-~]{1,80}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]+")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?")
_OF_NUMBERS = frozenset("0123456789.")


@dataclass(frozen=True)
class Settings:
    """What the environment says, and over it what a workspace decided (`bot.rules`).

    Secrets do not show in its repr.
    """

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""  # with the secret: any number of workspaces, each installed by OAuth
    client_secret: str = field(default="", repr=False)
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = field(default="sqlite:///laurel.db", repr=False)
    feed_channel: str = ""  # id or name; "": no feed
    admins: frozenset[str] = frozenset()  # owners, next to Slack's own
    awarders: Grant = EVERYONE
    timezone: str = "UTC"
    start_date_field: str = ""  # the label of a profile field; "": there is none
    public_url: str = ""  # without a slash at its end
    host: str = "127.0.0.1"
    port: int = 3000
    log_format: str = "text"  # or json
    environment_file: Path | None = None
    unknown: tuple[str, ...] = ()  # what is set and no setting, a sentence each
    # What the environment decided of what a workspace could: names of fields here.
    fixed: frozenset[str] = frozenset()
    # Only a workspace decides the rest.
    badge_admins: Grant = ADMINS
    limits: tuple[tuple[str, Limit], ...] = ()  # how often a giver may award, by role
    self_awards: bool = False
    own_requests: bool = False  # deciding on what one asked for oneself
    trades: bool = False  # awarding back within a day
    guests_award: bool = False
    guests_receive: bool = False
    strangers_receive: bool = False  # people of other workspaces, from shared channels
    forget_after_months: int = 0  # people who left are erased; 0: never
    audit_months: int = 0  # old entries of the audit are cleared; 0: never, else a year at least

    @property
    def by_oauth(self) -> bool:
        """Whether workspaces install the app by OAuth, each with a token of its own."""
        return bool(self.client_id or self.client_secret)

    @property
    def install_url(self) -> str:
        """Where workspaces install the app, if they do that by OAuth; else ""."""
        return f"{self.public_url}{INSTALL_PATH}" if self.by_oauth else ""


class SettingsProblem(Exception):  # noqa: N818 - it holds problems, one sentence each
    """Settings that cannot be used: all of them at once, each with what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(environ: Mapping[str, str], *, env_file: Path | None = None) -> Settings:
    """Read the settings from the environment and a `.env` file; the environment wins.

    Each secret may be in a file instead, named by NAME_FILE, as container platforms mount them. Raises
    SettingsProblem with everything that is wrong.
    """
    problems: list[str] = []
    everything = environment(environ, env_file)
    said = _said(everything, problems)

    def read(name: str, parse: Callable[[str], T], default: T) -> T:
        value = said.get(name, "")
        if not value:
            return default
        try:
            return parse(value)
        except ValueError as problem:
            problems.append(f"{name} {problem}")
            return default

    settings = Settings(
        bot_token=read("SLACK_BOT_TOKEN", _token("xoxb-", "a bot token"), ""),
        app_token=read("SLACK_APP_TOKEN", _token("xapp-", "an app-level token"), ""),
        signing_secret=said.get("SLACK_SIGNING_SECRET", ""),
        client_id=said.get("SLACK_CLIENT_ID", ""),
        client_secret=said.get("SLACK_CLIENT_SECRET", ""),
        slack_api_url=read("SLACK_API_URL", _api_url, Settings.slack_api_url),
        database_url=read("DATABASE_URL", _database_url, "sqlite:///laurel.db"),
        feed_channel=read("LAUREL_FEED_CHANNEL", _feed_channel, ""),
        admins=read("LAUREL_ADMINS", _admins, frozenset()),
        awarders=read("LAUREL_AWARDERS", parse_grant, EVERYONE),
        timezone=read("LAUREL_TIMEZONE", _timezone, "UTC"),
        start_date_field=said.get("LAUREL_START_DATE_FIELD", ""),
        public_url=read("LAUREL_PUBLIC_URL", _public_url, ""),
        host=read("LAUREL_HOST", _host, "127.0.0.1"),
        port=read("LAUREL_PORT", _port, 3000),
        log_format=read("LAUREL_LOG_FORMAT", _log_format, "text"),
        environment_file=env_file if env_file is not None and env_file.is_file() else None,
        unknown=tuple(
            _unknown(name)
            for name in sorted(everything)
            if name.startswith("LAUREL_") and name not in NAMES
        ),
        fixed=frozenset(field for name, field in WORKSPACE.items() if said.get(name)),
    )
    if problems:
        raise SettingsProblem(tuple(problems))
    return settings


def what_is_missing(settings: Settings, *, answers: bool = True) -> list[str]:
    """What `laurel run` cannot do without, one sentence each with how to get it; [] when complete.

    A process that never `answers` Slack needs no way to be called.
    """
    missing = []
    if settings.by_oauth:
        return _missing_for_oauth(settings, answers=answers)
    if not settings.bot_token:
        missing.append(
            "SLACK_BOT_TOKEN is not set: create the app at https://api.slack.com/apps from the output"
            " of `laurel manifest`, install it, and copy the Bot User OAuth Token (xoxb-…) from"
            " “OAuth & Permissions”."
        )
    if answers and not settings.app_token and not settings.signing_secret:
        missing.append(
            "SLACK_APP_TOKEN is not set: generate an app-level token (xapp-…) with the scope"
            " connections:write under “Basic Information” (or, to have Slack call you over HTTP,"
            " set SLACK_SIGNING_SECRET from the same page)."
        )
    return missing


def _missing_for_oauth(settings: Settings, *, answers: bool) -> list[str]:
    missing = []
    where = "copy it from “Basic Information” of the app at https://api.slack.com/apps."
    if not settings.client_id:
        missing.append(f"SLACK_CLIENT_ID is not set: {where}")
    if not settings.client_secret:
        missing.append(f"SLACK_CLIENT_SECRET is not set: {where}")
    if answers and not settings.signing_secret:
        missing.append(f"SLACK_SIGNING_SECRET is not set: {where}")
    if answers and not settings.public_url:
        missing.append(
            "LAUREL_PUBLIC_URL is not set: it is the address at which Slack and people who install"
            " Laurel reach it, such as https://laurel.example.com."
        )
    for name, value in (
        ("SLACK_BOT_TOKEN", settings.bot_token),
        ("SLACK_APP_TOKEN", settings.app_token),
    ):
        if value:
            missing.append(
                f"{name} is set next to SLACK_CLIENT_ID: keep one of them. With a client id and"
                " secret each workspace has a token of its own, and Slack calls over HTTP."
            )
    return missing


def should_play(environ: Mapping[str, str]) -> bool:
    """Whether nothing at all points to a real workspace: no `SLACK_*` and no database is set.

    A single one that is set, even to nothing, says that this is meant to be the real thing: a lost
    secret must not turn it into a toy.
    """
    return not any(
        name.startswith("SLACK_") or name in ("DATABASE_URL", "DATABASE_URL_FILE")
        for name in environ
    )


def environment(environ: Mapping[str, str], env_file: Path | None) -> dict[str, str]:
    """The environment, and beneath it what the `.env` file says.

    Raises SettingsProblem where the file cannot be read, for it may hold what must not be lost.
    """
    beneath: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        written, wrong = environment_file.read(env_file)
        if wrong:
            raise SettingsProblem(tuple(wrong))
        beneath = {name: value for name, value in written.items() if _is_ours(name)}
    # A secret from the environment is not to be shadowed by a file's name for the same one.
    for name in SECRETS:
        if name in environ:
            beneath.pop(f"{name}_FILE", None)
        elif f"{name}_FILE" in environ:
            beneath.pop(name, None)
    everything = beneath | dict(environ)
    for name, slack_says in SLACK_RUN.items():
        if not everything.get(name) and slack_says in everything:
            everything[name] = everything[slack_says]
    return everything


def _is_ours(name: str) -> bool:
    return name.startswith(("SLACK_", "LAUREL_", "DATABASE_URL"))


def _unknown(name: str) -> str:
    [nearest] = get_close_matches(name, NAMES, n=1, cutoff=0.75) or [""]
    instead = f"{nearest} is" if nearest else "README.md lists them all"
    return f"{name} is set, and is no setting: {instead}."


def _said(everything: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    said = {name: everything.get(name, "").strip() for name in NAMES}
    for name in SECRETS:
        path = everything.get(f"{name}_FILE", "").strip()
        if not path:
            continue
        if said[name]:
            problems.append(f"{name} and {name}_FILE are both set: keep one of them.")
            continue
        try:
            said[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "not text"
            problems.append(
                f"{name}_FILE names {path}, which cannot be read ({reason}): make it a text file"
                " that Laurel's user may read."
            )
    return said


def _admins(text: str) -> frozenset[str]:
    words = [word for word in re.split(r"[,\s]+", text) if word]
    strange = [word for word in words if not _USER.fullmatch(word)]
    if strange:
        raise ValueError(
            f"has {_listed(strange)}: write Slack user ids (U…, from a profile's ⋮ menu,"
            " “Copy member ID”), separated by commas."
        )
    return frozenset(words)


def _listed(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words) or "nothing readable"


def _token(prefix: str, what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text.startswith(prefix):
            raise ValueError(
                f"is not {what}: those begin with {prefix}; copy it again from the app's pages"
                " at https://api.slack.com/apps."
            )
        return text

    return parse


def _api_url(text: str) -> str:
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise ValueError("is not a web address: write it like https://slack.com/api/, or unset it.")
    return text.rstrip("/") + "/"


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            "is not an address that Slack could open: write it like https://laurel.example.com."
        )
    return text.rstrip("/")


def _database_url(text: str) -> str:
    from bot.database_address import checked  # SQLAlchemy, only where an address is set

    return checked(text)


def _feed_channel(text: str) -> str:
    name = text.removeprefix("#")
    if not _CHANNEL.fullmatch(name) or not (_CHANNEL_ID.fullmatch(name) or name == name.lower()):
        raise ValueError(
            f"is “{text}”, which no channel can be called: write a channel’s name as Slack has it,"
            " such as kudos or team-news, or its id (C…)."
        )
    return name


def _host(text: str) -> str:
    if not _HOST.fullmatch(text) or set(text) <= _OF_NUMBERS:
        try:
            ip_address(text)
        except ValueError:
            raise ValueError(
                f"is “{text}”: write an address of this machine without a port, such as 127.0.0.1,"
                " 0.0.0.0 (all of them) or localhost."
            ) from None
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"is “{text}”, which is not a timezone: write an IANA name such as Europe/Lisbon."
        ) from None
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(f"is “{text}”: write a port number between 1 and 65535, such as 3000.")
    return int(text)


def _log_format(text: str) -> str:
    if text not in ("text", "json"):
        raise ValueError(f"is “{text}”: write text or json.")
    return text
