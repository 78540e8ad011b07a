"""What happened in the playground's company before one came: said and awarded by its people."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.playground import Engine

EARLIER = timedelta(days=24)  # how long ago the first of it was
PATIENCE = 3.0  # seconds that one award may take
REST = timedelta(seconds=0.05)  # by which the clock moves while one waits


class Said(NamedTuple):
    """Somebody writes something in a channel, so long before now; a command begins with a slash."""

    days: float
    name: str
    channel: str
    text: str
    answers: tuple[tuple[str, str], ...] = ()  # who and what, in the thread


SAMPLES = (
    Said(23.9, "priya", "general", "Welcome to Alderbrook’s Slack, everybody."),
    Said(
        23.1,
        "maria",
        "support",
        "/award @chidi customer-hero Stayed on the line until the clinic was back up",
    ),
    Said(
        20.2, "nikos", "engineering", "/award @mei, @elena hackathon-winner For the drift detector"
    ),
    Said(
        17.3,
        "elena",
        "engineering",
        "The new calibration model is in review. It halves the drift at *low light*.",
        (
            ("mei", "That is beautiful work. I’ll try it on the old sensors tonight."),
            ("nikos", "Runs in `staging` since an hour, all quiet."),
        ),
    ),
    Said(
        15.0, "tom", "engineering", "/award @aiko bug-hunter Found the one that hid for two years"
    ),
    Said(
        12.1, "mei", "general", "/award @tom event-speaker Your talk on quiet interfaces was superb"
    ),
    Said(
        9.2,
        "omar",
        "general",
        "/award @maria mentor Everything I know about invoices, I know from her",
    ),
    Said(
        6.3,
        "maria",
        "support",
        "/award @tom customer-hero Redrew the alert screen after one phone call",
    ),
    Said(
        4.0,
        "priya",
        "general",
        "/award @support-team volunteer-day A whole Saturday at the food bank",
    ),
    Said(3.1, "chidi", "support", "Lagos hospital signed for two more years. Thank you all!"),
    Said(3.09, "omar", "support", "Wonderful news, @chidi."),
    Said(2.0, "priya", "kudos", "/award @sam newcomer Welcome to Field Service!"),
    Said(
        1.2,
        "aiko",
        "kudos",
        "/award @nikos idea-spark For asking what the alarm is for",
    ),
    Said(0.21, "robin", "engineering", "Deployed `telemetry 4.18` to all regions in 6 minutes."),
    Said(
        0.16,
        "tom",
        "general",
        "The table tennis final is at *five o’clock* in the canteen. @chidi, bring your good bat!",
        (("chidi", "It sleeps next to my bed."), ("sam", "My money is on Tom.")),
    ),
    Said(0.1, "lucia", "support", "The new help pages are ready for a last look."),
)


def give(
    engine: Engine, *, feed: str, send: Callable[[], bool], clock: Callable[[], datetime]
) -> None:
    """Let it all happen, by the real commands.

    The engine's time has to be `EARLIER` behind the `clock`, and is the clock's afterwards. `send` has
    Laurel send what is due, and tells whether people are still to be told something.
    """
    present = clock()
    for one in SAMPLES:
        _go_to(engine, present - timedelta(days=one.days))
        before = len(engine.messages(feed))
        _happen(engine, one)
        if one.text.startswith("/"):
            _wait(engine, lambda: send() or len(engine.messages(feed)) == before)  # noqa: B023
    _go_to(engine, clock())
    _tidy(engine)


def _wait(engine: Engine, unfinished: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while unfinished() and time.monotonic() < end:
        time.sleep(0.005)
        engine.advance(REST)


def _go_to(engine: Engine, moment: datetime) -> None:
    engine.advance(max(timedelta(0), moment - engine.clock.now()))


def _happen(engine: Engine, one: Said) -> None:
    if one.text.startswith("/"):
        command, _, words = one.text.partition(" ")
        engine.command(one.name, command, words, channel=one.channel)
        return
    root = engine.post(one.name, one.channel, one.text)
    for name, text in one.answers:
        engine.post(name, one.channel, text, thread=root)


def _tidy(engine: Engine) -> None:
    """Take away what only the givers saw, and what went over the wire: the visitor starts afresh."""
    space = engine.workspace
    with space.lock:
        for alone in list(space.ephemerals.values()):
            for message in list(alone.values()):
                space.forget(message)
    engine.traffic.clear()
