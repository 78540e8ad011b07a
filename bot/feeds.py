"""Which channels awards are announced in, and which of a command's awards each post tells of."""

from collections.abc import Iterable
from uuid import UUID

from bot.settings import Settings
from storage.badges import BadgeRow
from storage.outbox import DeliveryRow, NewDelivery


def channel_of(badge: BadgeRow, settings: Settings) -> str:
    """The channel, by name or id, that a badge's awards are announced in; "" for none."""
    return (badge.feed_channel or settings.feed_channel) if badge.feed else ""


def channels_of(badges: Iterable[BadgeRow], settings: Settings) -> dict[str, list[UUID]]:
    """Which of these badges are announced in which channel, by the channel's name or id."""
    found: dict[str, list[UUID]] = {}
    for badge in badges:
        if channel := channel_of(badge, settings):
            found.setdefault(channel, []).append(badge.id)
    return found


def announcements(
    batch_id: UUID, badges: Iterable[BadgeRow], settings: Settings
) -> list[NewDelivery]:
    """A post for each channel that these badges' awards are announced in.

    Which badges it tells of is kept with it, where they are not all of them: what somebody decides
    about a badge's feed later does not move what was posted.
    """
    every = {badge.id: badge for badge in badges}
    posts = []
    for channel, told in channels_of(every.values(), settings).items():
        key, subject = f"announce:{batch_id}", None
        if channel != settings.feed_channel:
            key = f"{key}:{channel}"
            subject = _listed(told)
        elif others := every.keys() - set(told):
            # A badge that an award is corrected to is told of here.
            subject = f"!{_listed(others)}"
        posts.append(NewDelivery(f"channel:{channel}", "announce", key, batch_id, None, subject))
    return posts


def tells_of(post: DeliveryRow, badge_id: UUID) -> bool:
    """Whether an announcement is about the awards of a badge."""
    if post.subject is None:
        return True
    listed = badge_id.hex in post.subject.removeprefix("!").split(",")
    return listed != post.subject.startswith("!")


def _listed(ids: Iterable[UUID]) -> str:
    return ",".join(sorted(badge_id.hex for badge_id in ids))
