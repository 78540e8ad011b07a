"""A file that somebody gave Laurel in Slack: fetched by its id, after the acknowledgement."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from slack_sdk import WebClient

from bot.delivery.trouble import SlackTroubleError, ask
from bot.slack_files import CannotDownloadError, download_file


class SharedFile(NamedTuple):
    """A file; its content is None where it is larger than was asked for."""

    name: str
    size: int  # bytes
    content: bytes | None


def fetch(client: WebClient, file_id: str, *, most: int) -> SharedFile:
    """Fetch a file of at most so many bytes; of a larger one, its name and size.

    Raises CannotDownloadError with a sentence.
    """
    try:
        said: Mapping[str, Any] = ask(lambda: client.files_info(file=file_id))["file"]
    except SlackTroubleError as problem:
        raise CannotDownloadError(_trouble(problem)) from problem
    name, size = str(said.get("name") or ""), int(said.get("size") or 0)
    if size > most:
        return SharedFile(name, size, None)
    url = said.get("url_private_download") or said.get("url_private") or ""
    content = download_file(client, str(url), most=most)
    return SharedFile(name, len(content), content if len(content) <= most else None)


def _trouble(problem: SlackTroubleError) -> str:
    if problem.code == "missing_scope":
        return (
            "Slack does not let me read files yet: the app needs the scope files:read, which is in"
            " the manifest that `laurel manifest` prints."
        )
    if problem.code in ("file_not_found", "file_deleted"):
        return "That file is no longer in Slack. Please drop it here again."
    return "Slack did not hand me the file just now. Please try again in a minute."
