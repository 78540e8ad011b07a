"""What the doctor finds."""

from dataclasses import dataclass
from typing import Literal

from bot.delivery.trouble import SlackTroubleError, explain

State = Literal["ok", "failed", "hint", "skipped"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. A hint is not a failure: something more is possible."""

    check: str
    state: State
    sentence: str


def advice(subject: str, trouble: SlackTroubleError) -> str:
    """What Slack said about something, and what to do."""
    return f"{subject}: {trouble.code}. {explain(trouble.code).sentence}"
