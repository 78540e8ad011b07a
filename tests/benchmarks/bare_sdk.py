"""Posts by slack_sdk and nothing around it: as it comes, a connection each, or over one kept alive."""

import http.client
import json
import sys
import time
from typing import Any
from urllib.request import Request
from uuid import UUID

from slack_sdk import WebClient

from bot.messages.awards import Post, Told, feed_post
from storage.badges import BadgeRow
from storage.people import PersonRow


class KeptAlive(WebClient):
    """The SDK's client, which keeps its connection."""

    _connection: http.client.HTTPConnection | None = None

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(req.host, timeout=self.timeout)
        self._connection.request("POST", req.selector, req.data, dict(req.header_items()))
        response = self._connection.getresponse()
        body = response.read().decode()
        return {"status": response.status, "headers": response.headers, "body": body}


def _message() -> Post:
    """What is said of an award, in the words that Laurel has for it."""
    nobody = dict.fromkeys(PersonRow._fields) | {"id": UUID(int=1), "slack_id": "U000001"}
    nothing = dict.fromkeys(BadgeRow._fields) | {
        "name": "Team Player",
        "slug": "team-player",
        "description": "Helps wherever help is needed, and never asks what for.",
    }
    told = Told(PersonRow(**nobody), BadgeRow(**nothing), "A-7K3QX9M")  # type: ignore[arg-type]
    return feed_post(
        [told],
        giver=None,
        reason="For what happened on occasion 1234",
        evidence_url="",
        card=lambda _badge: {"slack_file": {"id": "F0PICTURE01"}},
    )


def main() -> None:
    """Do the jobs that come in on standard input, one a line."""
    message = _message()
    for line in sys.stdin:
        job = json.loads(line)
        kind = KeptAlive if job["way"] == "kept-alive" else WebClient
        client = kind("xoxb-unused", base_url=job["url"], retry_handlers=[])
        began = time.perf_counter()
        for number in range(job["count"]):
            client.chat_postMessage(
                channel="C0LANE1000001",
                text=message.text,
                blocks=message.blocks,
                metadata={
                    "event_type": "laurel_delivery",
                    "event_payload": {"delivery": str(UUID(int=number))},
                },
                unfurl_links=False,
                unfurl_media=False,
            )
        print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main()
