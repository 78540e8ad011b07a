"""Giving Slack a picture, so that messages can show it by its file id."""

import urllib.request

from slack_sdk import WebClient


def upload_picture(client: WebClient, *, content: bytes, filename: str, alt_text: str) -> str:
    """Upload a picture, shared nowhere, and return Slack's file id.

    Slack works on it for a moment longer, and refuses blocks that show it until it is done. Raises
    what slack_sdk and urllib raise. The three steps are those of Slack's page about uploading files.
    """
    granted = client.files_getUploadURLExternal(
        filename=filename, length=len(content), alt_txt=alt_text
    )
    _send(client, str(granted["upload_url"]), content)
    file_id = str(granted["file_id"])
    client.files_completeUploadExternal(files=[{"id": file_id, "title": alt_text}])
    return file_id


def _send(client: WebClient, url: str, content: bytes) -> None:
    if not url.startswith(("https://", "http://")):
        raise ValueError("Slack named an upload address that is not HTTP")
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=client.ssl)]
    if client.proxy:
        handlers.append(urllib.request.ProxyHandler({"http": client.proxy, "https": client.proxy}))
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        url, data=content, headers={"Content-Type": "application/octet-stream"}, method="POST"
    )
    opener = urllib.request.build_opener(*handlers)
    with opener.open(request, timeout=client.timeout) as response:
        response.read()
