"""The rules of Block Kit, and what of them depends on the workspace's files."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot.playground import rules

if TYPE_CHECKING:
    from bot.playground.shapes import File

Json = dict[str, Any]
PICTURES = frozenset({"png", "jpg", "gif"})


def reads(payload: Json, names: Mapping[str, str]) -> str:
    """Return what a person sees of a message: its blocks, else its text."""
    return rules.message_text(payload, names)


def pings(payload: Json) -> frozenset[str]:
    """Return the ids a message notifies, by its text or by its blocks, and `!channel` and such."""
    found = rules.message_mentions(payload)
    return frozenset((*found.users, *found.groups, *(f"!{word}" for word in found.broadcasts)))


def slack_files(node: Json | list[Any], pointer: str = "/blocks") -> Iterator[tuple[str, Json]]:
    """Yield each `slack_file` in blocks with its JSON pointer."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "slack_file" and isinstance(value, dict):
            yield f"{pointer}/slack_file", value
        elif isinstance(value, dict | list):
            yield from slack_files(value, f"{pointer}/{key}")


def file_trouble(
    blocks: Any, find: Callable[[Json], "File | None"], ready: Callable[["File"], bool]
) -> list[str]:
    """Return Slack's messages about pictures that are missing, unfinished or of another type."""
    trouble = []
    for pointer, wanted in slack_files(blocks):
        file = find(wanted)
        if file is None or not ready(file) or file.filetype not in PICTURES:
            trouble.append(f"[ERROR] invalid slack file [json-pointer:{pointer}]")
    return trouble
