"""The weather a page offers: one switch each, over everything Slack answers."""

from dataclasses import dataclass

from bot.playground.shapes import Json
from bot.playground.weather import Front, Weather


@dataclass(frozen=True)
class Sky:
    """One kind of weather, as a person chooses it."""

    key: str
    name: str
    text: str


SKIES = (
    Sky("calm", "Calm", "Slack answers as it should."),
    Sky("busy", "Too many requests", "Every call gets 429 with Retry-After: 3."),
    Sky("broken", "Server errors", "Every call gets a page that says 500."),
    Sky("slow", "Slow", "Every call takes two seconds longer."),
    Sky("gone", "No answer", "Every connection is cut."),
)


class Switch:
    """Sets one sky at a time and tells which it is and how many requests have met it."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._key = "calm"
        self._front: Front | None = None

    def set(self, key: str) -> None:
        """Change the weather; raises ValueError for a sky there is not."""
        if key not in {sky.key for sky in SKIES}:
            raise ValueError(f"no such weather: {key}")
        self._weather.clear()
        self._key, self._front = key, _front(key)
        if self._front is not None:
            self._weather.set(self._front)

    def as_json(self) -> Json:
        """Return the state and the choices."""
        return {
            "now": self._key,
            "met": self._front.met if self._front else 0,
            "choices": [{"key": s.key, "name": s.name, "text": s.text} for s in SKIES],
        }


def _front(key: str) -> Front | None:
    if key == "busy":
        return Front("rate_limited", "*", retry_after=3)
    if key == "broken":
        return Front("error_500", "*")
    if key == "slow":
        return Front("hang", "*", seconds=2.0)
    return Front("drop", "*") if key == "gone" else None
