"""Settings are read once, and all that is wrong is said at once, with what to do."""

from pathlib import Path

import pytest

from bot.grants import Grant
from bot.settings import SettingsProblem, environment, load, should_play, what_is_missing

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsProblem) as caught:
        load(environ)
    return caught.value.problems


def test_nothing_set_gives_the_defaults() -> None:
    settings = load({})
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///laurel.db"
    assert settings.awarders == Grant(everyone=True)
    assert (settings.timezone, settings.host, settings.port) == ("UTC", "127.0.0.1", 3000)
    assert settings.feed_channel == ""


def test_everything_can_be_set() -> None:
    settings = load(
        TOKENS
        | {
            "SLACK_SIGNING_SECRET": "hush",
            "SLACK_API_URL": "http://127.0.0.1:8/api",
            "DATABASE_URL": "postgresql://laurel:pw@db/laurel",
            "LAUREL_FEED_CHANNEL": "#kudos",
            "LAUREL_ADMINS": "UADA, W0MARIA",
            "LAUREL_AWARDERS": "UADA,S0PLATFORM",
            "LAUREL_TIMEZONE": "Europe/Lisbon",
            "LAUREL_PUBLIC_URL": "https://laurel.example/",
            "LAUREL_HOST": "0.0.0.0",
            "LAUREL_PORT": "8080",
            "LAUREL_LOG_FORMAT": "json",
        }
    )
    assert settings.slack_api_url == "http://127.0.0.1:8/api/"
    assert settings.feed_channel == "kudos"
    assert settings.admins == {"UADA", "W0MARIA"}
    assert settings.awarders == Grant(people=frozenset({"UADA"}), groups=frozenset({"S0PLATFORM"}))
    assert settings.public_url == "https://laurel.example"
    assert (settings.timezone, settings.port, settings.log_format) == (
        "Europe/Lisbon",
        8080,
        "json",
    )


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "SLACK_BOT_TOKEN is not a bot token: those begin with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN is not an app-level token"),
        ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL is not a web address"),
        ("DATABASE_URL", "mysql://u:hush@h/d", "DATABASE_URL is not an address of SQLite or Post"),
        ("DATABASE_URL", "postgresql:laurel", "DATABASE_URL cannot be read: write it like sqlite"),
        ("DATABASE_URL", "sqlite:/l.db", "DATABASE_URL cannot be read: write it like sqlite"),
        ("DATABASE_URL", "sqlite://l.db", "DATABASE_URL names a host, and SQLite has none: write"),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL names no file, and in memory nothing would"),
        ("DATABASE_URL", "sqlite:///:memory:", "DATABASE_URL names no file, and in memory noth"),
        ("DATABASE_URL", "sqlite:///l.db?nonsense=1", "DATABASE_URL has “nonsense” after the que"),
        ("DATABASE_URL", "postgresql://u:hush@h:db/x", "DATABASE_URL has no port number after it"),
        ("DATABASE_URL", "postgresql://u:hush@h:70000/x", "DATABASE_URL has no port number after"),
        (
            "DATABASE_URL",
            "postgresql://u@/x?host=a:1&host=b:x",
            "DATABASE_URL has no port number after i",
        ),
        ("DATABASE_URL", "postgresql://u:hu@sh@h/x", "DATABASE_URL has several @: write %40 for"),
        (
            "DATABASE_URL",
            "postgresql://u:hush@h/x?port=1&nonsense=1",
            "DATABASE_URL has “nonsense”",
        ),
        ("LAUREL_FEED_CHANNEL", "Bad Name", "LAUREL_FEED_CHANNEL is “Bad Name”, which no channel"),
        ("LAUREL_FEED_CHANNEL", "Kudos", "LAUREL_FEED_CHANNEL is “Kudos”, which no channel can"),
        ("LAUREL_FEED_CHANNEL", "#a.b", "LAUREL_FEED_CHANNEL is “#a.b”, which no channel can be"),
        ("LAUREL_HOST", "http://localhost", "LAUREL_HOST is “http://localhost”: write an address"),
        ("LAUREL_HOST", "127.0.0.1:3000", "LAUREL_HOST is “127.0.0.1:3000”: write an address of"),
        ("LAUREL_HOST", "127.0.0.300", "LAUREL_HOST is “127.0.0.300”: write an address of this"),
        ("LAUREL_ADMINS", "ada", "LAUREL_ADMINS has “ada”: write Slack user ids"),
        ("LAUREL_AWARDERS", "leads", "LAUREL_AWARDERS has “leads”: write `everyone`"),
        ("LAUREL_AWARDERS", "everyone,UADA", "LAUREL_AWARDERS has “everyone”"),
        ("LAUREL_TIMEZONE", "Lisbon", "LAUREL_TIMEZONE is “Lisbon”, which is not a timezone"),
        ("LAUREL_TIMEZONE", "../etc/passwd", "LAUREL_TIMEZONE is"),
        ("LAUREL_PUBLIC_URL", "laurel.example", "LAUREL_PUBLIC_URL is not an address that Slack"),
        ("LAUREL_PORT", "http", "LAUREL_PORT is “http”: write a port number"),
        ("LAUREL_PORT", "70000", "LAUREL_PORT is “70000”: write a port number"),
        ("LAUREL_LOG_FORMAT", "xml", "LAUREL_LOG_FORMAT is “xml”: write text or json."),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(name: str, value: str, says: str) -> None:
    (sentence,) = problems(**{name: value})
    assert sentence.startswith(says)
    assert sentence.endswith(".")
    assert "hu" not in sentence or name != "DATABASE_URL"  # of a password


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite:////srv/laurel.db"),
        ("DATABASE_URL", "postgresql:///laurel"),
        ("DATABASE_URL", "postgres://laurel:p%40ss@db:6432/laurel?sslmode=require"),
        ("DATABASE_URL", "postgresql+psycopg://u@/laurel?host=a:1&host=b:2"),
        ("LAUREL_FEED_CHANNEL", "C0KUDOS"),
        ("LAUREL_FEED_CHANNEL", "#team-news_2"),
        ("LAUREL_FEED_CHANNEL", "प्रशंसा"),
        ("LAUREL_HOST", "::"),
        ("LAUREL_HOST", "laurel-1.internal"),
    ],
)
def test_whatever_can_be_right_is_taken(name: str, value: str) -> None:
    settings = load({name: value})
    assert value.lstrip("#") in (settings.database_url, settings.feed_channel, settings.host)


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems(LAUREL_PORT="x", LAUREL_TIMEZONE="y", LAUREL_ADMINS="z")
    assert [sentence.split()[0] for sentence in found] == [
        "LAUREL_ADMINS",
        "LAUREL_TIMEZONE",
        "LAUREL_PORT",
    ]


def test_no_secret_shows_in_the_settings_or_in_what_is_wrong_with_them() -> None:
    shown = repr(load(TOKENS | {"DATABASE_URL": "postgresql://laurel:hush@db/x"}))
    shown += "".join(
        problems(
            SLACK_BOT_TOKEN="wrong-secret",
            SLACK_APP_TOKEN="wrong-secret",
            DATABASE_URL="mysql://laurel:hush-secret@db/x",
        )
    )
    assert "secret" not in shown
    assert "hush" not in shown


def test_each_secret_can_be_in_a_file(tmp_path: Path) -> None:
    said = {}
    for name, value in {
        **TOKENS,
        "SLACK_SIGNING_SECRET": "hush",
        "DATABASE_URL": "sqlite:///x.db",
    }.items():
        (tmp_path / name).write_text(f"{value}\n")
        said[f"{name}_FILE"] = str(tmp_path / name)
    settings = load(said)
    assert settings.bot_token == TOKENS["SLACK_BOT_TOKEN"]
    assert settings.app_token == TOKENS["SLACK_APP_TOKEN"]
    assert settings.signing_secret == "hush"
    assert settings.database_url == "sqlite:///x.db"


def test_a_secret_said_twice_or_in_no_readable_file_is_a_problem(tmp_path: Path) -> None:
    found = problems(
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_BOT_TOKEN_FILE=str(tmp_path),
        SLACK_APP_TOKEN_FILE=str(tmp_path / "missing"),
    )
    assert found[0] == "SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set: keep one of them."
    assert found[1].startswith("SLACK_APP_TOKEN_FILE names ")
    assert "cannot be read" in found[1]


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    (tmp_path / "token").write_text("xoxb-file")
    file.write_text(
        "LAUREL_PORT=4000\nLAUREL_FEED_CHANNEL=praise\nUNRELATED=1\n"
        f"SLACK_BOT_TOKEN_FILE={tmp_path}/token\n"
    )
    settings = load({"LAUREL_PORT": "5000", "SLACK_BOT_TOKEN": "xoxb-env"}, env_file=file)
    assert (settings.port, settings.feed_channel) == (5000, "praise")
    assert settings.bot_token == "xoxb-env"
    assert settings.environment_file == file


def test_slacks_own_command_line_hands_its_tokens_over() -> None:
    settings = load({"SLACK_CLI_XOXB": "xoxb-run", "SLACK_CLI_XAPP": "xapp-run"})
    assert (settings.bot_token, settings.app_token) == ("xoxb-run", "xapp-run")


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_APP_TOKEN"]),
        ({"SLACK_APP_TOKEN": "xapp-1"}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "x"}, []),
        (TOKENS, []),
        (
            {"SLACK_CLIENT_ID": "1.2"},
            ["SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "LAUREL_PUBLIC_URL"],
        ),
        (
            {
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "x",
                "SLACK_SIGNING_SECRET": "x",
                "LAUREL_PUBLIC_URL": "https://laurel.example",
            },
            [],
        ),
    ],
)
def test_what_is_missing_is_named_with_how_to_get_it(
    environ: dict[str, str], missing: list[str]
) -> None:
    sentences = what_is_missing(load(environ))
    assert [sentence.split()[0] for sentence in sentences] == missing
    assert all("is not set: " in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("environ", "plays"),
    [
        ({"PATH": "/bin", "LAUREL_PORT": "3000"}, True),
        ({"SLACK_BOT_TOKEN": ""}, False),
        ({"SLACK_SIGNING_SECRET_FILE": "/run/secrets/x"}, False),
        ({"DATABASE_URL": "sqlite:///x.db"}, False),
        ({"DATABASE_URL_FILE": "/x"}, False),
    ],
)
def test_only_where_nothing_is_set_it_is_a_toy(environ: dict[str, str], plays: bool) -> None:
    assert should_play(environ) is plays


def test_what_the_env_file_sets_counts_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=\n")
    assert not should_play(environment({}, tmp_path / ".env"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"LAUREL_PORT=1\n\n\nSLACK_BOT_TOKEN: xoxb-hidden\n",
            "Line 4 of {} cannot be read: write NAME",
        ),
        (
            b'SLACK_BOT_TOKEN="xoxb-hidden\nLAUREL_PORT=1\n',
            "Line 1 of {} cannot be read: write NAME",
        ),
        (
            "SLACK_BOT_TOKEN=xoxb-hidden\n".encode("utf-16"),
            "{} cannot be read (it is not UTF-8): m",
        ),
        ("SLACK_BOT_TOKEN=hidden\n".encode("utf-16-le"), "{} cannot be read (it is not UTF-8): m"),
        ("LAUREL_FEED_CHANNEL=caf\u00e9\n".encode("latin-1"), "{} cannot be read (it is not UTF-8"),
    ],
)
def test_an_env_file_that_cannot_be_read_is_named_and_is_no_reason_to_play(
    tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsProblem) as caught:
        should_play(environment({}, file))
    (sentence,) = caught.value.problems
    assert sentence.startswith(says.format(file))
    assert "hidden" not in sentence


def test_what_is_no_setting_is_named_with_the_nearest_that_is() -> None:
    settings = load({"LAUREL_FEED_CHANEL": "x", "LAUREL_WHATEVER": "y", "LAUREL_PORT": "1"})
    assert settings.unknown == (
        "LAUREL_FEED_CHANEL is set, and is no setting: LAUREL_FEED_CHANNEL is.",
        "LAUREL_WHATEVER is set, and is no setting: README.md lists them all.",
    )


def test_one_workspaces_token_and_the_app_for_many_are_not_set_together() -> None:
    (sentence,) = what_is_missing(
        load(
            {
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "hidden",
                "SLACK_BOT_TOKEN": "xoxb-hidden",
            }
        ),
        answers=False,
    )
    assert sentence.startswith("SLACK_BOT_TOKEN is set next to SLACK_CLIENT_ID: keep one of them.")
    assert "hidden" not in repr(load({"SLACK_CLIENT_SECRET": "hidden"}))
