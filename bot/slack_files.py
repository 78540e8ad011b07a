"""Giving Slack pictures that messages show, and files for people; fetching what people share."""

import http.client
import textwrap
import urllib.error
import urllib.parse
import urllib.request

from slack_sdk import WebClient

# Of a file; a block that shows it says in 2,000 what it shows:
# https://docs.slack.dev/reference/methods/files.getUploadURLExternal
_LONGEST_ALT_TEXT = 1_000


def upload_picture(client: WebClient, *, content: bytes, filename: str, alt_text: str) -> str:
    """Upload a picture, shared nowhere, and return Slack's file id.

    Slack works on it for a moment longer, and refuses blocks that show it until it is done. Raises
    what slack_sdk and urllib raise. The three steps are those of Slack's page about uploading files.
    """
    said = textwrap.shorten(alt_text, _LONGEST_ALT_TEXT, placeholder=" …")
    file_id = _upload(client, content=content, filename=filename, alt_txt=said)
    client.files_completeUploadExternal(files=[{"id": file_id, "title": said}])
    return file_id


def share_file(
    client: WebClient,
    channel: str,
    *,
    content: bytes,
    filename: str,
    title: str,
    comment: str | None = None,
) -> None:
    """Share a file in a conversation, below a comment in mrkdwn.

    Raises what slack_sdk and urllib raise.
    """
    file_id = _upload(client, content=content, filename=filename)
    client.files_completeUploadExternal(
        files=[{"id": file_id, "title": title}], channel_id=channel, initial_comment=comment
    )


def _upload(client: WebClient, *, content: bytes, filename: str, **more: str) -> str:
    granted = client.files_getUploadURLExternal(filename=filename, length=len(content), **more)
    _send(client, str(granted["upload_url"]), content)
    return str(granted["file_id"])


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


class CannotDownloadError(Exception):
    """Slack did not hand out a file; the text is a sentence that says what to do."""


def download_file(client: WebClient, url: str, *, most: int) -> bytes:
    """The bytes of a file that somebody shared, at most so many and one more.

    The token goes to the host of Slack's API and its subdomains only, and never along a redirect: a
    token without `files:read` is sent to a login page. Raises CannotDownloadError.
    """
    _check_address(client, url)
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.HTTPSHandler(context=client.ssl),
        _NoRedirect(),
    ]
    if client.proxy:
        handlers.append(urllib.request.ProxyHandler({"http": client.proxy, "https": client.proxy}))
    request = urllib.request.Request(  # noqa: S310 - the address is checked above
        url, headers={"Authorization": f"Bearer {client.token}"}
    )
    try:
        opener = urllib.request.build_opener(*handlers)
        with opener.open(request, timeout=client.timeout) as response:
            content: bytes = response.read(most + 1)
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code in (301, 302, 303, 307, 308, 401, 403):
                raise CannotDownloadError(
                    "Slack does not let me read files yet: the app needs the scope files:read, which"
                    " is in the manifest that `laurel manifest` prints."
                ) from None
        raise CannotDownloadError(_AGAIN) from None
    except (OSError, http.client.HTTPException):
        raise CannotDownloadError(_AGAIN) from None
    return content


_AGAIN = "Slack did not hand me the file just now. Please drop it here again in a minute."


def _check_address(client: WebClient, url: str) -> None:
    asked, api = urllib.parse.urlsplit(url), urllib.parse.urlsplit(client.base_url)
    host, home = asked.netloc.lower(), api.netloc.lower()
    if asked.scheme != api.scheme or not (host == home or host.endswith(f".{home}")):
        raise CannotDownloadError(
            "This file is not kept by Slack itself, so I do not fetch it. Please upload it here."
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_named: object) -> None:
        """Follow nowhere."""
