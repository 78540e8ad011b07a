"""A workspace in a process of its own: prints its port and serves until it is ended."""

import argparse
import logging
import sys

from bot.playground.engine import Engine


def main(argv: list[str] | None = None) -> int:
    """Serve a workspace until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m bot.playground", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")
    parser.add_argument("--app-name", default="App")
    parser.add_argument("--signing-secret", default="playground-signing-secret")
    parser.add_argument("--bot-token", default="xoxb-playground")
    parser.add_argument("--app-token", default="xapp-playground")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    engine = Engine(
        signing_secret=options.signing_secret,
        bot_token=options.bot_token,
        app_token=options.app_token,
        app_name=options.app_name,
        port=options.port,
    )
    engine.limits.enabled = not options.no_limits
    with engine:
        sys.stdout.write(engine.url.rpartition(":")[2] + "\n")
        sys.stdout.flush()
        try:
            engine.stopping.wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
