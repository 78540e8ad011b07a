"""What is sent after all, what is sent once only, and to whom."""

from datetime import timedelta
from uuid import UUID

import pytest
from slack_sdk import WebClient
from sqlalchemy import Connection

from storage import lanes, preferences
from storage.lanes import Lease
from storage.outbox import NewDelivery
from tests.delivery.conftest import Office


def begin_and_crash(office: Office) -> Lease:
    """A courier takes the next delivery, marks it, and is never heard of again."""

    def take(session: Connection) -> Lease:
        [lease] = lanes.claim(
            session,
            workspace_id=office.workspace.id,
            lanes=[one.lane for one in lanes.waiting(session, most=9)],
            now=office.now,
            until=office.now + timedelta(seconds=30),
        )
        workspace_id = lease.workspace_id
        heads = lanes.heads(session, workspace_id=workspace_id, lanes=[lease.lane])
        lanes.mark_sending(session, workspace_id=workspace_id, ids=[heads[lease.lane].id])
        return lease

    return office.database.write(take)


def post_as_the_crashed_one_did(office: Office, key: str, channel: str) -> None:
    mark = {"delivery": str(office.delivery(key).id)}
    office.client().chat_postMessage(
        channel=channel,
        text="Hooray",
        metadata={"event_type": "laurel_delivery", "event_payload": mark},
    )


def test_after_a_crash_what_was_posted_is_found_and_not_posted_again(office: Office) -> None:
    batch_id = office.announce("Hooray")
    begin_and_crash(office)
    post_as_the_crashed_one_did(office, f"announce:{batch_id}", office.feed.id)
    courier = office.courier()
    assert courier.run_due() == 0
    assert courier.next_at() == office.now + timedelta(seconds=30)
    office.settle(courier)
    [message] = office.engine.messages(office.feed)
    row = office.delivery(f"announce:{batch_id}")
    assert (row.state, row.message_ts, row.attempts) == ("sent", message.ts, 2)


def test_after_a_crash_what_was_not_posted_yet_is_posted(office: Office) -> None:
    office.announce("Earlier")
    courier = office.courier()
    office.settle(courier)
    office.pass_time(1)
    office.announce("Hooray")
    begin_and_crash(office)
    office.settle(courier)
    assert office.posted() == ["Earlier", "Hooray"]


def test_a_post_is_found_behind_many_others(office: Office) -> None:
    batch_id = office.announce("Hooray")
    begin_and_crash(office)
    post_as_the_crashed_one_did(office, f"announce:{batch_id}", office.feed.id)
    maria = office.cast["Maria"].slack_id
    for number in range(5 * 999 + 1):
        office.engine.post(maria, office.feed, f"chat {number}")
    office.settle(office.courier(post_seconds=10.0))
    assert office.posted().count("Hooray") == 1


def test_a_feed_configured_by_name_is_searched_too(office: Office) -> None:
    batch_id = office.announce("Hooray", channel="#kudos")
    begin_and_crash(office)
    post_as_the_crashed_one_did(office, f"announce:{batch_id}", office.feed.id)
    office.settle(office.courier())
    assert office.posted() == ["Hooray"]
    office.announce("Again", channel="#kudos")
    office.settle(office.courier())
    assert office.posted() == ["Hooray", "Again"]


def test_without_the_history_scope_it_is_sent_again_and_the_log_says_why_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.engine.scopes -= {"channels:history"}
    office.engine.weather.lose_answer("chat.postMessage", times=2)
    office.announce("Hooray")
    office.announce("Bravo")
    office.settle(office.courier())
    assert office.posted() == ["Hooray", "Hooray", "Hooray", "Bravo"]
    told = [record for record in caplog.records if "cannot be searched" in record.message]
    assert len(told) == 1
    assert vars(told[0])["error"] == "missing_scope"


def test_what_never_reached_slack_is_not_searched_for(office: Office) -> None:
    office.announce("Hooray")
    courier = office.courier(slack=lambda _workspace: nowhere(office))
    courier.run_due()
    courier = office.courier()
    office.settle(courier)
    assert office.posted() == ["Hooray"]
    assert office.engine.traffic.calls("conversations.history") == []


def nowhere(office: Office) -> WebClient:
    client = office.client()
    client.base_url = "http://127.0.0.1:9/"
    return client


def test_a_recipient_gets_a_direct_message(office: Office) -> None:
    office.notify("Maria", "You have been awarded Team Player.")
    office.settle(office.courier())
    assert office.dms("Maria") == ["You have been awarded Team Player."]


def test_direct_messages_leave_five_a_second(office: Office) -> None:
    for person in ("Ada", "Maria", "Tom", "Yuki", "Kim", "Maria"):
        if person in office.cast:
            office.notify(person, f"for {person}")
    courier = office.courier()
    courier.run_due()
    assert courier.next_at() == office.now + timedelta(seconds=0.2)


def test_a_direct_message_whose_answer_was_lost_is_found(office: Office) -> None:
    office.engine.weather.lose_answer("chat.postMessage", times=1)
    office.notify("Maria", "Hooray")
    office.settle(office.courier())
    assert office.dms("Maria") == ["Hooray"]


@pytest.mark.parametrize(("person", "why"), [("Gil", "deactivated"), ("Robo", "a bot")])
def test_nobody_writes_to_the_deactivated_or_to_bots(office: Office, person: str, why: str) -> None:
    batch_id = office.notify(person, "Hooray")
    office.settle(office.courier())
    row = office.delivery(f"notify:{batch_id}:{office.cast[person].id}")
    assert (row.state, row.error) == ("skipped", why)
    assert office.engine.traffic.calls() == []


def _switch_off(office: Office, person_id: UUID) -> None:
    office.database.write(
        lambda session: preferences.save(
            session,
            workspace_id=office.workspace.id,
            person_id=person_id,
            key="notify",
            value="off",
        )
    )


def test_who_switched_notifications_off_gets_none(office: Office) -> None:
    maria = office.cast["Maria"].id
    _switch_off(office, maria)
    batch_id = office.notify("Maria", "Hooray")
    office.settle(office.courier())
    assert office.delivery(f"notify:{batch_id}:{maria}").state == "skipped"
    assert office.dms("Maria") == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_arrived_before_notifications_were_switched_off_is_found(office: Office) -> None:
    office.engine.weather.lose_answer("chat.postMessage", times=1)
    batch_id, maria = office.notify("Maria", "Hooray"), office.cast["Maria"].id
    office.courier().run_due()
    _switch_off(office, maria)
    office.settle(office.courier())
    [message] = office.engine.dms("UMARIA")
    row = office.delivery(f"notify:{batch_id}:{maria}")
    assert (row.state, row.message_ts) == ("sent", message.ts)


def test_what_was_undone_before_it_was_sent_is_not_sent(office: Office) -> None:
    batch_id = office.announce("Hooray")
    office.amend(batch_id, None)
    office.settle(office.courier())
    assert office.posted() == []
    assert office.delivery(f"announce:{batch_id}").state == "skipped"
    assert office.engine.traffic.calls() == []


def test_an_edit_changes_the_post_and_keeps_its_mark(office: Office) -> None:
    batch_id = office.announce("Maria received Team Player")
    courier = office.courier()
    office.settle(courier)
    office.amend(batch_id, "This award was taken back.")
    office.settle(courier)
    [message] = office.engine.messages(office.feed)
    assert message.text == "This award was taken back."
    assert message.edited
    row = office.delivery(f"announce:{batch_id}")
    assert message.metadata is not None
    assert message.metadata["event_payload"] == {"delivery": str(row.id)}


def test_an_undone_award_takes_its_post_and_its_direct_message_away(office: Office) -> None:
    batch_id = office.announce("Hooray")
    maria = office.cast["Maria"].id
    office.enqueue(NewDelivery("dm", "notify", f"notify:{batch_id}:{maria}", batch_id, maria))
    courier = office.courier()
    office.settle(courier)
    assert (office.posted(), office.dms("Maria")) == (["Hooray"], ["Hooray"])
    office.amend(batch_id, None)
    office.amend(batch_id, None, "Maria")
    office.settle(courier)
    assert (office.posted(), office.dms("Maria")) == ([], [])


@pytest.mark.parametrize("words", [None, "changed"])
def test_a_post_that_somebody_deleted_needs_no_edit(office: Office, words: str | None) -> None:
    batch_id = office.announce("Hooray")
    courier = office.courier()
    office.settle(courier)
    [message] = office.engine.messages(office.feed)
    office.client().chat_delete(channel=message.channel, ts=message.ts)
    office.amend(batch_id, words)
    office.settle(courier)
    assert courier.counts["amend", "skipped"] == 1
    assert office.posted() == []


def test_the_log_tells_each_delivery_and_nothing_private(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    office.notify("Maria", "For a secret reason")
    office.settle(office.courier())
    [line] = [record for record in caplog.records if record.message == "delivery sent"]
    told = vars(line)
    assert (told["kind"], told["lane"], told["attempts"]) == ("notify", "dm", 1)
    said = " ".join(str(vars(record)) for record in caplog.records)
    for secret in ("secret reason", office.engine.bot_token, "maria@acme.example"):
        assert secret not in said


@pytest.mark.parametrize("how", ["rate_limit", "error_500", "drop", "garbage"])
def test_a_search_that_fails_for_a_moment_is_made_again_before_anything_is_sent(
    office: Office, how: str
) -> None:
    batch_id = office.announce("Hooray")
    begin_and_crash(office)
    post_as_the_crashed_one_did(office, f"announce:{batch_id}", office.feed.id)
    getattr(office.engine.weather, how)("conversations.history", times=1)
    office.settle(office.courier())
    assert office.posted() == ["Hooray"]


def test_a_direct_message_is_searched_for_again_when_its_conversation_cannot_be_opened(
    office: Office,
) -> None:
    office.engine.weather.lose_answer("chat.postMessage", times=1)
    office.engine.weather.rate_limit("conversations.open", retry_after=30, times=1)
    office.notify("Maria", "Hooray")
    office.settle(office.courier())
    assert office.dms("Maria") == ["Hooray"]
