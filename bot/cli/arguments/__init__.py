"""What can be typed after `laurel`, and which module of `bot.cli` does it.

A command is a pair in the module of its group: a function that adds its parser, named in the group's
`COMMANDS`, and one that runs it. What a command needs is imported when it runs, so that
`laurel --help` answers at once.
"""

import argparse

from bot import VERSION
from bot.cli.arguments import badges, keeping, people, serving


def parser() -> argparse.ArgumentParser:
    """Everything that can be typed; what is chosen has its `run`."""
    root = argparse.ArgumentParser(
        prog="laurel",
        description="Badges for workplaces, in Slack. Without a command: run.",
        epilog="Settings come from the environment and from .env; .env.example explains each.",
    )
    root.add_argument("--version", action="version", version=f"Laurel {VERSION}")
    root.set_defaults(run=serving.run, web=False, worker=False)
    commands = root.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for group in (serving, people, badges, keeping):
        for add in group.COMMANDS:
            add(commands)
    return root
