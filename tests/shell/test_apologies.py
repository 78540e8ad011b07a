"""What people read when Laurel cannot tell what became of their request."""

import json
from typing import Any

import pytest

from bot import apologies

FORM: dict[str, Any] = {
    "type": "view_submission",
    "view": {"callback_id": "award", "blocks": [{"type": "input", "block_id": "people0"}]},
}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"command": "/award"}, "their `/badges`"),
        (FORM, "their `/badges`"),
        ({"type": "block_actions", "actions": [{"action_id": "award_undo"}]}, "their `/badges`"),
        ({"command": "/badges"}, "`/badges history`"),
    ],
)
def test_in_doubt_people_are_sent_where_the_award_would_show(
    body: dict[str, Any], where: str
) -> None:
    assert where in apologies.unsure(body)


def test_a_modals_errors_show_no_backticks() -> None:
    answer = apologies.acknowledgement(FORM, apologies.unsure(FORM))
    errors = json.loads(answer.body)["errors"]
    assert errors["people0"].endswith("Please look at their /badges before you try again.")
