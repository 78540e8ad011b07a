"""What a workspace may decide, and what it may not, by the answers that are read."""

from typing import Any

import pytest

from bot import rules
from bot.grants import EVERYONE, Limit
from storage import workspaces
from storage.database import Database
from tests.cast import ACME, NOW


@pytest.fixture
def decide(sqlite_database: Database) -> Any:
    """Decide something in Acme's workspace; what it decided in all."""
    acme = sqlite_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))

    def decide(**changes: Any) -> dict[str, Any]:
        sqlite_database.write(
            lambda session: rules.decide(session, workspace_id=acme.id, changes=changes, now=NOW)
        )
        return sqlite_database.read(lambda session: rules.decided(session, workspace_id=acme.id))

    return decide


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("timezone", "Lisbon", "“Lisbon” is not a timezone: write an IANA name such as Europe/"),
        ("trades", "yes", "“yes” is neither true nor false."),
        ("self_awards", 1, "“1” is neither true nor false."),
        (
            "limits",
            {"boss": Limit(5, "week")},
            "“boss” is not a role: those are everyone, awarder",
        ),
        ("forget_after_months", 241, "“241” is not a number of months from 0 to 240."),
        ("forget_after_months", -1, "“-1” is not a number of months from 0 to 240."),
        ("forget_after_months", "0", "“0” is not a number of months from 0 to 240."),
        ("forget_after_months", True, "“True” is not a number of months from 0 to 240."),
        ("audit_months", 241, "“241” is not a number of months from 0 to 240."),
        ("audit_months", 11, "Entries of the audit are kept for 12 months at least."),
        ("audit_months", 1, "Entries of the audit are kept for 12 months at least."),
    ],
)
def test_what_cannot_be_decided_is_answered_and_changes_nothing(
    decide: Any, name: str, value: object, said: str
) -> None:
    before = decide(trades=True)

    with pytest.raises(ValueError) as refused:
        decide(**{"timezone": "Asia/Tokyo", name: value})

    assert str(refused.value).startswith(said)
    assert decide() == before


def test_what_can_be_decided_is_read_as_it_was_meant_until_it_is_left_alone_again(
    decide: Any,
) -> None:
    changes = {
        "timezone": "Europe/Lisbon",
        "trades": False,
        "awarders": EVERYONE,
        "limits": (("badge admin", Limit(5, "week")), ("owner", Limit(1, "day"))),
        "forget_after_months": 240,
        "audit_months": 12,
    }
    assert decide(**changes) == changes
    assert decide(forget_after_months=0, audit_months=0) == changes | {
        "forget_after_months": 0,
        "audit_months": 0,
    }
    assert decide(**{**dict.fromkeys(changes), "trades": True}) == {"trades": True}
    assert decide(trades=None, timezone=None) == {}
