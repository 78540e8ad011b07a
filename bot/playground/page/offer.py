"""What a page is told of the app in its workspace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class SlashCommand:
    """A command that the composer completes."""

    name: str  # with its slash
    description: str = ""
    usage: str = ""


@dataclass(frozen=True)
class Shortcut:
    """An entry in a message's menu, or in the composer's where it is `everywhere`."""

    callback_id: str
    name: str
    everywhere: bool = False


@dataclass(frozen=True)
class Step:
    """A step of the guided start.

    Its button types `fill` into the composer of `channel`, or moves the clock by `travel`. It is done
    once the app has answered something of the name `done`, or (`clock`) once time was moved.
    """

    title: str
    text: str
    button: str
    done: str
    fill: str = ""
    channel: str = ""
    travel: str = ""


class Journey(NamedTuple):
    """A moment that is worth travelling to, and what there is to see."""

    name: str
    at: datetime


def _nothing() -> None:
    return None


def _nowhere(_now: datetime) -> Sequence[Journey]:
    return ()


@dataclass(frozen=True)
class Offer:
    """The app's commands and shortcuts, the guided start, and what to do when time has moved."""

    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    steps: tuple[Step, ...] = ()
    act_as: str = ""  # the name of whom one is at first
    channel: str = ""  # the name of the channel shown at first
    home: bool = True  # the app has a Home tab
    answers: bool = True  # people can write to the app
    fonts: Mapping[str, Path] = field(default_factory=dict)  # by file name
    journeys: Callable[[datetime], Sequence[Journey]] = _nowhere  # from that time on
    after_time_moved: Callable[[], None] = _nothing  # called at every stop of a journey
