"""Small pieces of Block Kit for the tests of the workspace."""

from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def button(text: str, action_id: str, value: str = "1") -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": value}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def entry(block_id: str, element: dict[str, Any], **parts: Any) -> dict[str, Any]:
    block = {"type": "input", "block_id": block_id, "label": plain(block_id.title())}
    return {**block, "element": element, **parts}


def text_field(action_id: str, **parts: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "action_id": action_id, **parts}


def option(value: str, text: str | None = None) -> dict[str, Any]:
    return {"text": plain(text or value.title()), "value": value}


def modal(*blocks: dict[str, Any], title: str = "A form", **parts: Any) -> dict[str, Any]:
    view = {"type": "modal", "title": plain(title), "submit": plain("Send")}
    return {**view, "blocks": list(blocks) or [section("Hello")], **parts}


def home(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks)}


def picture(file_id: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "A badge", "slack_file": {"id": file_id}}
