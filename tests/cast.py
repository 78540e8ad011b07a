"""The people who recur in tests, and the one time at which it is always Friday afternoon."""

from datetime import UTC, datetime

from storage.people import Profile

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # a Friday

# Ada is an admin, Gil left, Kim is a guest, Robo a bot.
CAST = (
    Profile("UADA", "Ada Admin", "Europe/London", "en-GB", slack_admin=True),
    Profile("UMARIA", "Maria Silva", "Europe/Lisbon", "pt-PT", email="maria@acme.example"),
    Profile("UTOM", "Tom Okafor", "America/New_York", "en-US"),
    Profile("UYUKI", "由紀 Tanaka", "Asia/Tokyo", "ja-JP"),
    Profile("UGIL", "Gil Gone", "UTC", "en-US", active=False),
    Profile("UKIM", "Kim Guest", "UTC", "en-US", guest=True),
    Profile("UROBO", "Robo", bot=True),
)

# Acme's workspace, for `workspaces.save`.
ACME = {
    "team_id": "T1",
    "name": "Acme",
    "url": "https://acme.slack.com/",
    "bot_user_id": "U0LAUREL",
    "bot_id": "B0LAUREL",
}
