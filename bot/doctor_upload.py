"""`laurel doctor --pictures`: gives Slack a picture for a moment, to see what becomes of it."""

from collections.abc import Callable

from slack_sdk import WebClient

from bot.delivery.trouble import SlackTroubleError, ask
from bot.finding import Finding, advice
from bot.slack_files import upload_picture

READY_WITHIN = 10  # seconds that Slack may work on it


def look_at_upload(client: WebClient, picture: bytes, wait: Callable[[float], object]) -> Finding:
    """Upload a picture (PNG) without sharing it, see it made ready, and delete it."""
    try:
        file_id = ask(
            lambda: upload_picture(
                client,
                content=picture,
                filename="laurel-doctor.png",
                alt_text="A test picture of Laurel’s doctor",
            )
        )
    except SlackTroubleError as trouble:
        return Finding("upload", "failed", advice("A test picture", trouble))
    try:
        seconds = _ready_after(client, file_id, wait)
    except SlackTroubleError as trouble:
        asked = advice("Whether the test picture is ready", trouble)
        return Finding("upload", "failed", f"{asked} {_deleted(client, file_id)}")
    if seconds is None:
        return Finding(
            "upload",
            "hint",
            f"Slack took a test picture, but did not have it ready within {READY_WITHIN} seconds; a"
            f" post whose picture takes so long goes without. {_deleted(client, file_id)}",
        )
    taken = f"Slack took a test picture, which was ready after {seconds} s."
    return Finding("upload", "ok", f"{taken} {_deleted(client, file_id)}")


def _ready_after(client: WebClient, file_id: str, wait: Callable[[float], object]) -> int | None:
    """Seconds until Slack knows what the file is, before which nothing shows it; None: too long."""
    for seconds in range(READY_WITHIN + 1):
        if seconds:
            wait(1.0)
        if ask(lambda: client.files_info(file=file_id))["file"].get("mimetype"):
            return seconds
    return None


def _deleted(client: WebClient, file_id: str) -> str:
    try:
        ask(lambda: client.files_delete(file=file_id))
    except SlackTroubleError as trouble:
        return (
            f"It could not be deleted again ({trouble.code}); it is {file_id}, shared with nobody."
        )
    return "It is deleted again."
