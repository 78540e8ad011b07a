"""Cards: uploaded once, waited for a moment, and never in the way of a post."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.playground import Message
from storage import files
from tests.delivery.conftest import Office

# What is sent is the same whatever the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def pictures(message: Message) -> list[str]:
    return [block["slack_file"]["id"] for block in message.blocks if block["type"] == "image"]


def upload(office: Office, *keys: str) -> None:
    office.database.write(
        lambda session: files.enqueue_uploads(
            session, workspace_id=office.workspace.id, keys=keys, now=office.now
        )
    )


def known(office: Office, key: str) -> str | None:
    return office.database.read(
        lambda session: files.file_id(session, workspace_id=office.workspace.id, key=key)
    )


def card(office: Office, batch_id: UUID) -> str:
    return f"card:{office.words.cards[batch_id][0]}"


def test_a_card_is_uploaded_once(office: Office) -> None:
    upload(office, "card:1")
    courier = office.courier()
    office.settle(courier)
    upload(office, "card:1")
    office.settle(courier)
    [file] = office.engine.files
    assert (file.complete, file.filetype, file.alt_text, file.title) == (
        True,
        "png",
        "A card",
        "A card",
    )
    assert file.channels == ()
    assert known(office, "card:1") == file.id


def test_the_card_of_a_badge_that_is_gone_is_a_dead_letter_with_a_reason(office: Office) -> None:
    upload(office, "card:gone", "card:1")
    office.settle(office.courier())
    assert office.delivery("upload:card:gone").error == "no_such_picture"
    assert office.delivery("upload:card:1").state == "sent"


@pytest.mark.parametrize(
    "step", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
)
def test_an_upload_survives_a_bad_day_at_each_step(office: Office, step: str) -> None:
    office.engine.weather.error_500(step, times=1)
    office.engine.weather.rate_limit(step, retry_after=7, times=1)
    upload(office, "card:1")
    courier = office.courier()
    assert office.settle(courier) >= timedelta(seconds=7)
    assert known(office, "card:1") is not None
    assert courier.counts["upload", "retried"] == 2


def test_a_post_brings_a_missing_card_along(office: Office) -> None:
    batch_id = office.announce("Hooray", cards=2)
    courier = office.courier()
    assert courier.run_due() == 1
    [message] = office.engine.messages(office.feed)
    assert pictures(message) == [file.id for file in office.engine.files]
    upload(office, card(office, batch_id))
    office.settle(courier)
    assert len(office.engine.files) == 2


def test_a_post_waits_a_moment_for_its_picture(office: Office) -> None:
    office.engine.file_processing = timedelta(seconds=3)
    office.announce("Hooray", cards=1)
    office.announce("Bravo")
    took = office.settle(office.courier())
    first, second = office.engine.messages(office.feed)
    assert (first.text, second.text) == ("Hooray", "Bravo")
    assert len(pictures(first)) == 1
    assert took < timedelta(seconds=10)


def test_a_picture_that_never_comes_does_not_keep_the_post(office: Office) -> None:
    office.engine.file_processing = timedelta(hours=1)
    batch_id = office.announce("Hooray", cards=1)
    courier = office.courier()
    took = office.settle(courier)
    [message] = office.engine.messages(office.feed)
    assert message.text == "Hooray"
    assert pictures(message) == []
    assert took < timedelta(seconds=20)
    # The next post of this badge gets a new file.
    assert known(office, card(office, batch_id)) is None


@pytest.mark.parametrize("weather", ["error_500", "rate_limit", "garbage"])
def test_a_card_that_cannot_be_uploaded_does_not_keep_the_post(
    office: Office, weather: str
) -> None:
    getattr(office.engine.weather, weather)("files.getUploadURLExternal")
    office.announce("Hooray", cards=1)
    courier = office.courier()
    assert courier.run_due() == 1
    [message] = office.engine.messages(office.feed)
    assert (message.text, pictures(message)) == ("Hooray", [])


def test_a_card_that_cannot_be_drawn_does_not_keep_the_post(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> tuple[bytes, str, str]:
        raise ZeroDivisionError

    office.announce("Hooray", cards=1)
    office.settle(office.courier(draw=broken))
    assert office.posted() == ["Hooray"]
    assert "could not be drawn" in caplog.text


def test_a_message_that_slack_refuses_without_a_picture_in_it_is_a_dead_letter(
    office: Office,
) -> None:
    batch_id = office.announce("x" * 3001)
    office.settle(office.courier())
    row = office.delivery(f"announce:{batch_id}")
    assert (row.state, row.error, row.attempts) == ("dead", "invalid_blocks", 1)
