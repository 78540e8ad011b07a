"""Messages kept to what Slack takes, however long the words are that people wrote."""

import json
from collections.abc import Callable
from typing import Any

from bot.messages.blocks import Block
from bot.messages.text import bold, escape, shorten

MOST_BLOCKS = 50  # in a message: https://docs.slack.dev/reference/block-kit/blocks
MOST_CHARACTERS = 10_000  # of JSON; Slack has refused about 13,000, and says so nowhere
_SECTION = 2990  # near Slack's 3,000 for a section, where words would be cut within an entity
_ROOMS = (600, 300, 160, 100, 60, 36)  # characters for each text a person wrote


def fitted(build: Callable[[int], list[Block]]) -> list[Block]:
    """The blocks that `build` makes with the most room for each text with which Slack takes them."""
    blocks: list[Block] = []
    for room in _ROOMS:
        blocks = build(room)
        whole = all(len(block.get("text", {}).get("text", "")) < _SECTION for block in blocks)
        if whole and len(blocks) <= MOST_BLOCKS and characters(blocks) <= MOST_CHARACTERS:
            break
    return blocks


def characters(blocks: list[Block]) -> int:
    """How long blocks are as Slack counts them."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def brief(words: str, room: int) -> str:
    """What a person wrote, as mrkdwn on one line of about `room` characters."""
    return escape(shorten(one_line(words), room))


def brief_bold(words: str, room: int) -> str:
    """What a person wrote, in bold on one line of about `room` characters."""
    return bold(shorten(one_line(words), room))


def one_line(words: str) -> str:
    """The words with every run of white space as one space."""
    return " ".join(words.split())


def without_pictures(blocks: list[Block]) -> list[Block]:
    """The same message in words alone, for when Slack does not take a picture."""
    kept: list[Block] = []
    for block in blocks:
        if block["type"] == "image":
            continue
        accessory: dict[str, Any] = block.get("accessory", {})
        if accessory.get("type") == "image":
            block = {part: value for part, value in block.items() if part != "accessory"}
        kept.append(block)
    return kept


def files_shown(blocks: list[Block]) -> set[str]:
    """Slack's ids of the files that a message shows."""
    pictures = [part for block in blocks for part in (block, block.get("accessory", {}))]
    return {part["slack_file"]["id"] for part in pictures if "slack_file" in part}
