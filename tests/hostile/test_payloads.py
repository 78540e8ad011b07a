"""Recorded payloads, spoiled by chance, with Slack's signature."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.hostile.clicks import click, submission
from tests.hostile.door import Door, mistakes
from tests.hostile.trial import Found, Trial


def test_spoiled_payloads_do_nothing_that_nobody_may_and_never_go_wrong(door: Door) -> None:
    trial, found = Trial(door.world, door), Found()
    kinds = {one.name for one in trial.good}
    assert {"/award", "/badges", "block_actions", "view_submission", "message_action"} <= kinds
    assert {"block_suggestion", "user_change", "app_home_opened", "message"} <= kinds

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**32))
    @example(14957)  # a button whose value is null
    def send(seed: int) -> None:
        trial.send(seed, found)
        assert (found.mistakes, found.unpermitted) == ([], [])

    send()
    assert set(found.statuses) <= {200, 400}
    assert found.statuses[200] > 35


@pytest.mark.parametrize("state", [{"values": []}, {"values": None}, {}, [], None])
def test_a_view_in_which_nothing_is_filled_in_may_say_so_in_any_way(door: Door, state: Any) -> None:
    hushed = click(door.world, "UTOM", "home_own_messages", "off", where="home")
    form = submission(door.world, "UADA", "settings_form", '{"name":"badge_admins"}', {})
    before = door.rows()
    with mistakes() as found:
        for sent in (hushed, form):
            sent.payload["view"]["state"] = state
            assert door.deliver(sent).status == 200
        del hushed.payload["view"]["state"]
        assert door.deliver(hushed).status == 200
    assert found == []
    assert door.rows() != before  # Tom has no messages from now on
