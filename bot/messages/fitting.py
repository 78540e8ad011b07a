"""Messages kept to what Slack takes, however long the words are that people wrote."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bot.messages import blocks as block_kit
from bot.messages.blocks import Block
from bot.messages.text import CUT, bold, cut, one_line, shorten, unformatted

MOST_BLOCKS = 50  # in a message: https://docs.slack.dev/reference/block-kit/blocks
FALLBACK = 3000  # characters of a message’s fallback text; chat.update refuses more than 4,000
MOST_CHARACTERS = 10_000  # of JSON; Slack has refused about 13,000, and says so nowhere
_SECTION = 2990  # near Slack's 3,000 for a section, where words would be cut within an entity
_ROOMS = (600, 300, 160, 100, 60, 36)  # characters for each text a person wrote
_LEAST_ROOMS = (60, 36, 20, 12, 8)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def fitted(
    build: Callable[[int], list[Block]], shorter: Callable[[int], list[Block]] | None = None
) -> list[Block]:
    """The blocks that `build` makes with the most room for each text with which Slack takes them.

    `shorter` makes them where `build` cannot, however little room each text has.
    """
    ways = [(build, _ROOMS), *([(shorter, _LEAST_ROOMS)] if shorter is not None else ())]
    blocks: list[Block] = []
    for make, rooms in ways:
        for room in rooms:
            blocks = make(room)
            if _fits(blocks):
                return blocks
    return blocks


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of mrkdwn, escaped already, in as few sections as take them, none of them cut."""
    packed: list[str] = []
    for line in lines:
        if packed and len(packed[-1]) + 1 + len(line) < _SECTION:
            packed[-1] += f"\n{line}"
        else:
            packed.append(line)
    return [block_kit.section(words) for words in packed]


def words_of(blocks: Sequence[Block]) -> str:
    """What the paragraphs of a message say, cut to what Slack takes beside them when it is edited."""
    said = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    return cut("\n".join(said), FALLBACK)


def _fits(blocks: list[Block]) -> bool:
    whole = all(_is_whole(block.get("text", {}).get("text", "")) for block in blocks)
    return whole and len(blocks) <= MOST_BLOCKS and characters(blocks) <= MOST_CHARACTERS


def _is_whole(words: str) -> bool:
    """Whether a paragraph was not cut to Slack's limit, which is done somewhat below it."""
    return len(words) < _SECTION and not (len(words) > _SECTION - 500 and words.endswith(CUT))


def characters(blocks: list[Block]) -> int:
    """How long blocks are as Slack counts them."""
    return len(_encode(blocks))


def brief(words: str, room: int) -> str:
    """What a person wrote, as mrkdwn on one line of about `room` characters."""
    return unformatted(shorten(one_line(words), room))


def brief_bold(words: str, room: int) -> str:
    """What a person wrote, in bold on one line of about `room` characters."""
    return bold(shorten(one_line(words), room))


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
