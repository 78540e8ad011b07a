"""A message as Laurel builds it, before it is known how it will be sent."""

from dataclasses import dataclass
from typing import Any

from bot.messages import blocks, text
from bot.messages.blocks import Block


@dataclass(frozen=True)
class Message:
    """A message's fallback text and blocks."""

    text: str
    blocks: list[Block]

    def payload(self) -> dict[str, Any]:
        """As Slack's methods and acknowledgements take it."""
        return {"text": self.text, "blocks": self.blocks}


def sentence(words: str) -> Message:
    """A plain sentence (not yet escaped) as a message."""
    return Message(text.escape(words), [blocks.section(text.escape(words))])
