"""What Slack answers when it refuses a payload."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One refusal: Slack's error code, and each broken rule with a pointer to its place.

    `messages` go to `response_metadata.messages`; Slack puts `[ERROR] ` before each of them there.
    """

    error: str
    messages: tuple[str, ...] = ()
