"""The first steps in a new workspace, in words: in an owner's Home, and in a direct message."""

from bot.messages import blocks, text
from bot.messages.awards import Post
from bot.messages.blocks import Block
from bot.messages.settings import EDIT
from bot.welcome import DISMISS, KEEP, Steps

SAY = "home_welcome_"  # the action of a button that says something of the steps

_DONE, _TO_DO = "✓", "○"


def welcome_blocks(steps: Steps) -> list[Block]:
    """The steps, each ticked once it is done, with what does it."""
    heading = {
        3: "Welcome! Three steps, and I’m ready.",
        2: "Welcome! Two more steps, and I’m ready.",
        1: "Welcome! One more step, and I’m ready.",
    }.get(steps.left, "All set. Enjoy!")
    return [
        blocks.section(text.bold(heading), accessory=_say("Put this away", DISMISS)),
        _feed(steps),
        *_awarders(steps),
        _dates(steps),
        blocks.divider(),
    ]


def welcome_post(steps: Steps) -> Post:
    """The direct message that says where to begin."""
    number = {1: "one step is", 2: "two steps are", 3: "three steps are"}[steps.left]
    words = (
        f"Hello! I’m here for your badges, and {number} left until I’m ready: open my *Home* tab,"
        " above these messages, and I’ll take you through."
    )
    said = [blocks.section(words)]
    return Post(words, said, said)


def _feed(steps: Steps) -> Block:
    if steps.feed_channel:
        where = text.channel_link(steps.feed_channel)
        return blocks.section(f"{_DONE} I announce awards in {where}.")
    return blocks.section(
        f"{_TO_DO} *Choose a feed channel.* That is where I announce awards, for all to cheer.",
        accessory=blocks.button("Choose", f"{EDIT}feed_channel", value="feed_channel"),
    )


def _awarders(steps: Steps) -> list[Block]:
    if steps.awarders:
        return [blocks.section(f"{_DONE} You have said who may award.")]
    words = f"{_TO_DO} *Say who may award.* As things stand, everyone may."
    buttons = [
        _say("Everyone, please", KEEP),
        blocks.button("Choose who", f"{EDIT}awarders", value="awarders"),
    ]
    return [blocks.section(words), blocks.actions(buttons)]


def _dates(steps: Steps) -> Block:
    if steps.dates:
        return blocks.section(f"{_DONE} I know start dates, and look out for anniversaries.")
    return blocks.section(
        f"{_TO_DO} *Tell me since when people are here*, and anniversaries announce themselves. Drop"
        " a CSV file with e-mail addresses and start dates into our direct messages; I’ll show you"
        " what I read before anything counts."
    )


def _say(label: str, what: str) -> Block:
    return blocks.button(label, f"{SAY}{what}", value=what)
