"""Draws the starter badges into assets/badges: `python -m bot.artwork.starter [folder]`.

The same pixels come out each time.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from bot.artwork import family
from bot.artwork.emblems import contests, culture, events, learning, seniority
from bot.artwork.family import Design
from bot.artwork.milestones import ORIGINAL, year_design
from bot.artwork.tiles import badge_tile

BADGES = Path(__file__).resolve().parents[2] / "assets" / "badges"
TILE = 150

DESIGNS: dict[str, Design] = {
    # Seniority: round, the rim and the wreath grow with the years.
    "newcomer": Design("round", "forest", "bronze", seniority.sprout, "rays", "cocoa"),
    "1-year": year_design(1),
    **{f"{years}-years": year_design(years) for years in (3, 5, 10, 15, 20, 25)},
    # Contests: medals on a ribbon.
    "ping-pong-champion": Design(
        "round", "sky", "gold", contests.paddles, "rays", "crimson", ribbon="crimson"
    ),
    "hackathon-winner": Design("round", "indigo", "gold", contests.code, "facets", ribbon="violet"),
    "quiz-master": Design("rosette", "violet", "gold", contests.question, "dots", ribbon="indigo"),
    "bake-off-star": Design(
        "rosette", "rose", "rose-gold", contests.cupcake, "rays", "crimson", ribbon="coral"
    ),
    "chess-champion": Design("round", "slate", "silver", contests.rook, "stripes", ribbon="night"),
    # Events: seals.
    "event-speaker": Design("seal", "coral", "gold", events.microphone, "rings"),
    "event-organizer": Design("flower", "indigo", "silver", events.calendar, "dots", "coral"),
    "summer-party": Design("seal", "sky", "gold", events.sunset, "plain"),
    "volunteer-day": Design("flower", "forest", "gold", events.planted_heart, "rays", "rose"),
    "charity-run": Design("seal", "violet", "silver", events.running_shoe, "stripes", "coral"),
    # Culture: shields.
    "team-player": Design("shield", "sky", "gold", culture.team, "rays", "amber"),
    "customer-hero": Design("shield", "crimson", "gold", culture.headset, "rays"),
    "mentor": Design("shield", "teal", "silver", culture.lighthouse, "stripes", "coral"),
    "bug-hunter": Design("shield", "olive", "gold", culture.beetle, "dots", "crimson"),
    "coffee-buddy": Design("shield", "cocoa", "rose-gold", culture.coffee, "plain"),
    "idea-spark": Design("shield", "violet", "silver", culture.bulb, "rays"),
    "founders-circle": Design("octagon", "night", "gold", culture.crown, "facets", "crimson"),
    "quiet-hero": Design("octagon", "night", "silver", culture.moon, "dots"),
    # Learning: hexagons, one step after another.
    "first-course": Design("hexagon", "sky", "bronze", learning.book, "plain", "coral"),
    "onboarding-complete": Design("hexagon", "indigo", "silver", learning.rocket, "dots", "coral"),
    "security-basics": Design("hexagon", "slate", "silver", learning.padlock, "facets"),
    "first-aid": Design("hexagon", "forest", "silver", learning.first_aid, "plain", "forest"),
    "language-explorer": Design("hexagon", "teal", "silver", learning.globe, "rings"),
    "leadership-path": Design("hexagon", "violet", "gold", events.mountain, "rays", "coral"),
    "course-graduate": Design("hexagon", "night", "gold", learning.mortarboard, "rays", "indigo"),
}


def original(slug: str) -> bytes:
    """The starter badge as a PNG of 512 pixels square; KeyError for a slug that has no design."""
    png = BytesIO()
    family.draw(DESIGNS[slug], ORIGINAL).save(png, "PNG", optimize=True)
    return png.getvalue()


def draw_all(folder: Path) -> None:
    """Write every starter badge and its tile into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, slug in enumerate(DESIGNS, 1):
        picture = original(slug)
        (folder / f"{slug}.png").write_bytes(picture)
        (folder / f"{slug}-{TILE}.png").write_bytes(badge_tile(picture, size=TILE))
        sys.stdout.write(f"\rDrew {number} of {len(DESIGNS)} badges")
        sys.stdout.flush()
    sys.stdout.write(f" into {folder}.\n")


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else BADGES)
