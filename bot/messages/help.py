"""The help of a command, made from the same table as the README's."""

from collections.abc import Sequence

from bot.messages import blocks, text
from bot.messages.message import Message


def help_message(title: str, rows: Sequence[tuple[str, str]]) -> Message:
    """Everything a command can do, on one screen: how to type it and what it does."""
    lines = [f"`{text.escape(usage)}`  {text.escape(meaning)}" for usage, meaning in rows]
    words = "\n".join([text.bold(title), *lines])
    return Message(words, [blocks.section(words)])
