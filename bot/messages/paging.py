"""Turning pages: the buttons on either side, and where one is."""

from bot.messages import blocks
from bot.messages.blocks import Block


def turning(
    number: int,
    of: int,
    before: tuple[str, str],
    after: tuple[str, str],
    *,
    subject: str = "",
) -> list[Block]:
    """Buttons to the pages before and after, where there are such; each is its label and action.

    What comes back with a click is `subject` and the number of the page to show.
    """
    made = []
    if number > 1:
        made.append(blocks.button(*before, value=f"{subject}{number - 1}"))
    if number < of:
        made.append(blocks.button(*after, value=f"{subject}{number + 1}"))
    return made


def place(number: int, of: int) -> list[Block]:
    """Which page this is, where there are several."""
    return [blocks.context(f"Page {number:,} of {of:,}")] if of > 1 else []
