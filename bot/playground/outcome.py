"""What a person sees after an act."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.shapes import Json, Message, View
from bot.playground.transports import Answer

SEEN = {
    "dispatch_failed": "failed because the app did not respond",
    "operation_timeout": "failed because the app did not respond in time",
}


class CannotActError(Exception):
    """Slack's client gives a person no way to do this: no such button, a closed view, …"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The app's answer to an act and what it made visible.

    `status` is None where no answer came; `problem` is Slack's code where the person sees a
    failure; `errors` are a modal's, by block id; `view` is the person's top modal afterwards;
    `message` is the ephemeral or in-channel answer to a command; `repeats` are the answers to
    further deliveries of the same request.
    """

    status: int | None = None
    acknowledged_in: float = 0.0
    problem: str = ""
    trigger_id: str = ""
    response_url: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None
    message: Message | None = None
    options: list[Json] = field(default_factory=list)
    answer: Answer | None = None
    repeats: tuple[Answer, ...] = ()

    @property
    def text(self) -> str:
        """The text of the message in the acknowledgement."""
        return self.message.text if self.message else ""

    @property
    def blocks(self) -> list[Json]:
        """The blocks of the message in the acknowledgement."""
        return self.message.blocks if self.message else []

    @property
    def acknowledged(self) -> bool:
        """Tell whether Slack took the answer as an acknowledgement."""
        return self.status is not None and not self.problem

    def reads(self) -> str:
        """Return what the person reads: the answer, the errors at fields, or Slack's failure."""
        if self.problem:
            return SEEN.get(self.problem, self.problem)
        parts = [self.message.reads()] if self.message else []
        return "\n".join([*parts, *self.errors.values()])

    def as_json(self) -> Json:
        """Return it for the control API."""
        body: dict[str, Any] = {
            "status": self.status,
            "acknowledged_in": self.acknowledged_in,
            "problem": self.problem,
            "trigger_id": self.trigger_id,
            "errors": self.errors,
            "options": self.options,
            "text": self.text,
            "blocks": self.blocks,
            "reads": self.reads(),
            "message_ts": self.message.ts if self.message else None,
            "view_id": self.view.id if self.view else None,
            "repeats": [answer.status for answer in self.repeats],
        }
        return body
