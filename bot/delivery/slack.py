"""Slack as delivery asks it: patient for so long, never twice by itself, and at each method's rate."""

import copy
import ssl
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.delivery.parts import Message, SlackClients, Upload
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Clock, WorkspaceRef
from bot.organisation import teams_of
from storage.outbox import DeliveryRow

POST_SECONDS = 10.0
UPLOAD_SECONDS = 30.0
EVENT_TYPE = "laurel_delivery"
MOST_PAGES = 5  # of channels
_PAGE = 999  # messages; the most that Slack takes
_CLOCKS_APART = timedelta(minutes=2)


class Slack:
    """Makes delivery's requests; each raises SlackTroubleError when it does not succeed."""

    def __init__(
        self,
        clients: SlackClients,
        upload: Upload,
        clock: Clock,
        *,
        post_seconds: float = POST_SECONDS,
        upload_seconds: float = UPLOAD_SECONDS,
    ) -> None:
        self._post_seconds = post_seconds
        self._upload_seconds = upload_seconds
        self._clients = clients
        self._upload = upload
        self._clock = clock
        # Clients as they are given, and as they are used, by workspace and timeout.
        self._patient: dict[tuple[int, float], tuple[WebClient, WebClient]] = {}
        self._closed_until: dict[tuple[int, str], datetime] = {}
        # Teams without a channel of a name in which Laurel is, by workspace and name, in a search.
        self._searched: dict[tuple[int, str], set[str]] = {}
        self._lock = threading.Lock()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # slack_sdk would read the certificates again for every request: 30 ms of CPU each.
        return ssl.create_default_context()

    def post(
        self, workspace: WorkspaceRef, channel: str, message: Message, *, plain: bool, mark: str
    ) -> tuple[str, str]:
        """Post to a channel or a person; return the channel's id and the message's ts."""
        client = self._client(workspace, self._post_seconds)
        said = {
            "channel": channel,
            "text": message.text,
            "blocks": message.plain_blocks if plain else message.blocks,
            "metadata": _metadata(mark),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        # Slack's limit here is a channel's, not the method's: the lane keeps it. `chat_postMessage`
        # would first look whether any of this is an object of slack_sdk's.
        response = ask(lambda: client.api_call("chat.postMessage", json=said))
        return str(response["channel"]), str(response["ts"])

    def update(
        self,
        workspace: WorkspaceRef,
        channel: str,
        ts: str,
        message: Message,
        *,
        plain: bool,
        mark: str,
    ) -> None:
        """Make a message say this from now on."""
        client = self._client(workspace, self._post_seconds)
        self._ask(
            workspace,
            "chat.update",
            lambda: client.chat_update(
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=message.plain_blocks if plain else message.blocks,
                metadata=_metadata(mark),
            ),
        )

    def delete(self, workspace: WorkspaceRef, channel: str, ts: str) -> None:
        """Delete a message."""
        client = self._client(workspace, self._post_seconds)
        self._ask(workspace, "chat.delete", lambda: client.chat_delete(channel=channel, ts=ts))

    def upload(self, workspace: WorkspaceRef, content: bytes, filename: str, alt_text: str) -> str:
        """Upload a picture and return Slack's file id."""
        client = self._client(workspace, self._upload_seconds)
        file_id: str = self._ask(
            workspace,
            "files",
            lambda: self._upload(client, content=content, filename=filename, alt_text=alt_text),
        )
        return file_id

    def find(
        self,
        workspace: WorkspaceRef,
        channel: str,
        delivery: DeliveryRow,
        hold: Callable[[float], None],
    ) -> str | None:
        """The ts of the message in a channel (by id) that carries a delivery's mark.

        All that was written there since is looked through, however much that is, the latest first;
        `hold` is called with the longest time of each further page.
        """
        client = self._client(workspace, self._post_seconds)
        oldest = f"{(delivery.created_at - _CLOCKS_APART).timestamp():.6f}"
        for page in self._pages(
            workspace,
            "conversations.history",
            lambda cursor: client.conversations_history(
                channel=channel,
                oldest=oldest,
                limit=_PAGE,
                include_all_metadata=True,
                cursor=cursor,
            ),
            most=None,
        ):
            for message in page.get("messages", []):
                found = message.get("metadata") or {}
                payload = found.get("event_payload") or {}
                if found.get("event_type") == EVENT_TYPE and payload.get("delivery") == str(
                    delivery.id
                ):
                    return str(message["ts"])
            hold(self._post_seconds)
        return None

    def direct_channel(self, workspace: WorkspaceRef, slack_id: str) -> str:
        """The id of the direct conversation with a person."""
        client = self._client(workspace, self._post_seconds)
        answer = self._ask(
            workspace, "conversations.open", lambda: client.conversations_open(users=slack_id)
        )
        return str(answer["channel"]["id"])

    def channel_named(self, workspace: WorkspaceRef, name: str) -> str | None:
        """The id of the channel of this name in which Laurel is: it posts in no other.

        An organisation has its workspaces asked for one after the other; where Slack wants a rest in
        between, the next attempt goes on with those that are left.
        """
        client = self._client(workspace, self._post_seconds)
        teams = self._ask(workspace, "auth.teams.list", lambda: teams_of(client, workspace))
        searched = self._searched.setdefault((workspace.id, name), set())
        found = None
        for team in [one for one in teams if one not in searched]:
            found = self._channel_in(workspace, client, team, name)
            if found is not None:
                break
            searched.add(team)
        self._searched.pop((workspace.id, name), None)  # the next search is another
        return found

    def _channel_in(
        self, workspace: WorkspaceRef, client: WebClient, team: str, name: str
    ) -> str | None:
        for page in self._pages(
            workspace,
            "users.conversations",
            lambda cursor: client.users_conversations(
                types="public_channel,private_channel",
                limit=999,
                exclude_archived=True,
                cursor=cursor,
                team_id=team or None,
            ),
        ):
            for channel in page.get("channels", []):
                if channel.get("name") == name:
                    return str(channel["id"])
        return None

    def _pages(
        self,
        workspace: WorkspaceRef,
        method: str,
        request: Callable[[str | None], SlackResponse],
        most: int | None = MOST_PAGES,
    ) -> Any:
        cursor: str | None = None
        for number in count():
            if number == most:
                return
            at = cursor
            page = self._ask(workspace, method, lambda at=at: request(at))  # type: ignore[misc]
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return

    def _ask(self, workspace: WorkspaceRef, method: str, request: Callable[[], Any]) -> Any:
        """Ask unless the method is closed; a 429 closes it for the workspace, as Slack has it."""
        gate = (workspace.id, method)
        with self._lock:
            until = self._closed_until.get(gate)
        left = (until - self._clock()).total_seconds() if until else 0.0
        if left > 0:
            raise SlackTroubleError("ratelimited", retry_after=left)
        try:
            return ask(request)
        except SlackTroubleError as trouble:
            if trouble.retry_after is not None:
                with self._lock:
                    self._closed_until[gate] = self._clock() + timedelta(
                        seconds=trouble.retry_after
                    )
            raise

    def _client(self, workspace: WorkspaceRef, seconds: float) -> WebClient:
        given = self._clients(workspace)
        before = self._patient.get((workspace.id, seconds))
        if before is not None and before[0] is given:
            return before[1]
        client = self._made_patient(given, seconds)
        self._patient[workspace.id, seconds] = given, client
        return client

    def _made_patient(self, given: WebClient, seconds: float) -> WebClient:
        client = copy.copy(given)
        client.timeout = seconds  # type: ignore[assignment]  # the SDK says int; urllib takes both
        # By default the SDK sends a request again when the connection broke: posts would be doubled.
        client.retry_handlers = []
        if client.ssl is None and client.base_url.startswith("https:"):
            client.ssl = self._tls
        return client


def _metadata(mark: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery": mark}}
