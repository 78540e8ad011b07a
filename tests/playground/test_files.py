"""Files: an upload's three steps, processing, and pictures in messages."""

import urllib.request
from datetime import timedelta

import pytest

from bot.playground import File
from tests.playground.conftest import Town
from tests.playground.pieces import PNG, home, modal, picture, section


def _start(town: Town, name: str = "badge.png", content: bytes = PNG) -> tuple[str, str]:
    answer = town.answer("files.getUploadURLExternal", filename=name, length=len(content))
    return answer["file_id"], answer["upload_url"]


def _send(url: str, content: bytes) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content), timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def _upload(town: Town, name: str = "badge.png", content: bytes = PNG) -> str:
    file_id, url = _start(town, name, content)
    assert _send(url, content) == 200
    assert town.answer("files.completeUploadExternal", files=[{"id": file_id}])["ok"]
    return file_id


def _post(town: Town, file_id: str) -> str:
    town.engine.limits.enabled = False
    blocks = [section("Look"), picture(file_id)]
    answer = town.answer("chat.postMessage", channel=town.kudos.id, text="x", blocks=blocks)
    return str(answer.get("error", "ok"))


def test_a_picture_can_be_used_after_its_three_steps(town: Town) -> None:
    file_id, url = _start(town)
    assert _post(town, file_id) == "invalid_blocks"
    assert town.error("files.completeUploadExternal", files=[{"id": file_id}]) == "file_not_found"
    assert _send(url, PNG) == 200
    assert _post(town, file_id) == "invalid_blocks"
    done = town.answer("files.completeUploadExternal", files=[{"id": file_id, "title": "Gold"}])
    assert done["files"][0]["title"] == "Gold"
    assert _post(town, file_id) == "ok"
    assert town.error("files.completeUploadExternal", files=[{"id": file_id}]) == "file_not_found"


def test_an_alt_text_of_more_than_a_thousand_characters_is_refused(town: Town) -> None:
    asked = {"filename": "badge.png", "length": len(PNG)}
    assert town.answer("files.getUploadURLExternal", **asked, alt_txt="x" * 1000)["ok"]
    error = town.error("files.getUploadURLExternal", **asked, alt_txt="x" * 1001)
    assert error == "alt_txt_too_large"


def test_a_picture_is_refused_while_slack_processes_it(town: Town) -> None:
    town.engine.file_processing = timedelta(seconds=2)
    file_id = _upload(town)
    assert town.answer("files.info", file=file_id)["file"]["mimetype"] == ""
    assert _post(town, file_id) == "invalid_blocks"
    town.pass_time(seconds=2)
    assert town.answer("files.info", file=file_id)["file"]["mimetype"] == "image/png"
    assert _post(town, file_id) == "ok"


def test_only_real_pictures_are_pictures(town: Town) -> None:
    assert _post(town, _upload(town, "notes.png", b"not a picture at all")) == "invalid_blocks"
    assert _post(town, _upload(town, "photo.jpg", b"\xff\xd8\xff\xe0" + bytes(9))) == "ok"
    assert _post(town, "F0NOWHERE") == "invalid_blocks"


def test_pictures_in_views_are_checked_too(town: Town) -> None:
    lost = picture("F0NOWHERE")
    code = town.error("views.publish", user_id=town.maria.id, view=home(lost))
    assert code == "invalid_arguments"
    town.answering()
    trigger = town.engine.command(town.maria, "/form", channel=town.kudos).trigger_id
    assert town.error("views.open", trigger_id=trigger, view=modal(lost)) == "invalid_arguments"
    good = modal(picture(_upload(town)))
    assert town.answer("views.open", trigger_id=trigger, view=good)["ok"]


def test_an_upload_of_another_size_or_to_a_used_address_is_refused(town: Town) -> None:
    _, url = _start(town)
    assert _send(url, PNG + b"more") == 400
    assert _send(url, PNG) == 200
    assert _send(url, PNG) == 409
    assert _send(url + "x", PNG) == 404


def test_the_sdk_uploads_and_shares_a_file(town: Town) -> None:
    town.client.files_upload_v2(
        channel=town.kudos.id, content=PNG, filename="badge.png", initial_comment="New"
    )
    message = town.engine.messages(town.kudos)[0]
    assert (message.text, message.files[0]["name"]) == ("New", "badge.png")
    assert town.engine.files[0].content == PNG


def _download(file: File, token: str) -> tuple[int, bytes]:
    request = urllib.request.Request(file.url, headers={"Authorization": f"Bearer {token}"})

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, b""


def test_a_file_of_a_persons_is_downloaded_with_the_token(town: Town) -> None:
    file = town.engine.upload(town.maria, "star.png", PNG)
    assert _download(file, town.engine.bot_token) == (200, PNG)
    assert _download(file, "xoxb-other")[0] == 302
    town.engine.scopes -= {"files:read"}
    assert _download(file, town.engine.bot_token)[0] == 302


@pytest.mark.parametrize("length", [0, "much"])
def test_an_upload_needs_a_real_length(town: Town, length: object) -> None:
    code = town.error("files.getUploadURLExternal", filename="a.png", length=length)
    assert code == "invalid_arguments"


def test_a_deleted_file_is_gone(town: Town) -> None:
    file_id = _upload(town)
    assert town.answer("files.delete", file=file_id)["ok"]
    assert town.error("files.info", file=file_id) == "file_not_found"
    assert _post(town, file_id) == "invalid_blocks"
