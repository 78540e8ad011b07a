"""How often an app may ask: tiers a method and minute, one post a second and channel.

The numbers are those of Slack's public page on rate limits; its bursts are not promised there,
so none are granted beyond `burst`.
"""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
POSTING = frozenset({"chat.postMessage"})
MINUTE = timedelta(minutes=1)


class Limits:
    """Counts requests by the workspace's clock; `scale` 2.0 allows twice as many."""

    def __init__(self) -> None:
        self.enabled = True
        self.scale = 1.0
        self.burst = 1
        self._methods: dict[str, deque[datetime]] = defaultdict(deque)
        self._channels: dict[str, deque[datetime]] = defaultdict(deque)

    def wait_for_method(self, method: str, tier: int | None, now: datetime) -> int:
        """Count a request and return 0, or the seconds of `Retry-After`."""
        if not self.enabled or tier is None:
            return 0
        allowed = max(1, int(TIERS[tier] * self.scale))
        return _take(self._methods[method], allowed, MINUTE, now)

    def wait_for_channel(self, channel: str, now: datetime) -> int:
        """Count a post to a channel and return 0, or the seconds of `Retry-After`."""
        if not self.enabled:
            return 0
        every = timedelta(seconds=self.burst / self.scale)
        return _take(self._channels[channel], self.burst, every, now)


def _take(taken: deque[datetime], allowed: int, window: timedelta, now: datetime) -> int:
    while taken and taken[0] <= now - window:
        taken.popleft()
    if len(taken) >= allowed:
        return max(1, math.ceil((taken[0] + window - now).total_seconds()))
    taken.append(now)
    return 0
