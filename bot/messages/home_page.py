"""What everyone has in App Home, in words: their badges, what is coming, the catalogue, their choices."""

from bot.catalogue import CataloguePage
from bot.consent import Consent
from bot.home_frame import Place
from bot.messages import blocks, text
from bot.messages.blocks import Block
from bot.messages.catalog import catalogue_entries, category_label
from bot.messages.consent import LABELS, consent_words
from bot.messages.fitting import brief, fitted
from bot.messages.home import go, menu, search, turning_pages
from bot.messages.paging import BY_TIME
from bot.messages.profile import entries, legend, listing, no_collector, totals
from bot.messages.upcoming import nothing_ahead, own_lines
from bot.profiles import Profile
from bot.upcoming import Upcoming

OWN = "home_own_"  # the action of a menu of one's own choices is this and the choice's name
MESSAGES, ANNIVERSARIES, NEW_AWARDS = "messages", "anniversaries", "new_awards"
ALL = "all"  # of the menu of categories

_MENU = 99  # categories to choose from, next to the one that is chosen
_GREETING = 100  # characters of a name


def overview(
    profile: Profile, coming: Upcoming, picture: Block | None, place: Place
) -> tuple[list[Block], list[Block]]:
    """The page that Home opens with, before and after where the trophy case is to stand."""
    name = text.named(text.shorten(profile.owner.name, _GREETING))
    above = [
        blocks.header(f"Hello, {name}"),
        blocks.actions(
            [
                go("Badges to earn", Place(section="catalogue"), key="catalogue"),
                go("Your settings", Place(section="own"), key="own"),
            ]
        ),
    ]
    if not profile.case.awards:
        words = (
            "You have no badges yet. *Badges to earn* shows what there is; your first one will show"
            " here."
        )
        above.append(blocks.section(words if profile.collects else no_collector(profile)))
        return above, _coming(coming)
    above.append(blocks.section(f"{text.bold('Your badges')}\n{totals(profile)}"))
    if picture is not None:
        above.append(blocks.picture(picture, profile.case.alt_text))
    below = fitted(lambda room: [blocks.context(listing(profile, room)), *entries(profile, room)])
    below += turning_pages(place, *profile.page, BY_TIME)
    return above, [*below, *legend(profile.lines), blocks.divider(), *_coming(coming)]


def _coming(coming: Upcoming) -> list[Block]:
    lines = own_lines(coming)
    if not lines:
        return [blocks.context(nothing_ahead(coming))]
    return [blocks.section("\n".join([text.bold("Coming up"), *lines]))]


def catalogue_page(page: CataloguePage, place: Place) -> list[Block]:
    """A page of what there is to earn, with a field to search in and a menu of categories."""
    said = [blocks.header("Badges to earn"), search("Search", place, hint="Name or category")]
    controls = [_categories(page, place)] if len(page.categories) > 1 else []
    if place.query or place.category:
        everything = Place(section=place.section)
        controls.append(go("Show all", everything, key="all"))
    controls.append(_back())
    said.append(blocks.actions(controls))
    if not page.total:
        return [*said, blocks.section(_nothing_found(place))]
    if place.query or place.category:
        said.append(blocks.context(_found(page, place)))
    said += fitted(lambda room: catalogue_entries(page, room))
    return said + turning_pages(place, *page.page)


def _categories(page: CataloguePage, place: Place) -> Block:
    options = [blocks.option("All categories", ALL)]
    options += [blocks.option(category_label(name), first.hex) for name, first in page.categories]
    chosen = place.category or ALL
    further = [one for one in options[_MENU:] if one["value"] == chosen]
    return menu("category", [*options[:_MENU], *further], chosen=chosen, hint="Go to a category")


def _found(page: CataloguePage, place: Place) -> str:
    words = text.count(page.total, "badge")
    return f"{words} for “{brief(place.query, 80)}”" if place.query else words


def _nothing_found(place: Place) -> str:
    if place.query:
        return f"No badge is called anything like “{brief(place.query, 80)}”. Try another word?"
    return "There are no badges to earn yet. An admin can add the first ones."


def own_settings(consent: Consent, hidden: bool, *, feed_channel: str) -> list[Block]:
    """What somebody decides about themselves: each with what it means now, and a menu."""
    messages = (
        "I send you a direct message when you receive a badge."
        if consent.messages
        else "I send you no direct message when you receive a badge; it still shows here."
    )
    new = (
        "New badges stay off your profile until you show them; `/badges history` has a button at"
        " each. The feed tells of them all the same."
        if hidden
        else "New badges show on your profile at once. You can hide any of them with"
        " `/badges history`."
    )
    said = [
        blocks.header("Your settings"),
        _choice(
            "Direct messages",
            messages,
            MESSAGES,
            {"on": "On", "off": "Off"},
            "on" if consent.messages else "off",
        ),
        _choice(
            "Your anniversaries",
            consent_words(consent, feed_channel=feed_channel),
            ANNIVERSARIES,
            {str(choice): label for choice, label in LABELS.items()},
            consent.choice,
        ),
        _choice(
            "New badges on your profile",
            new,
            NEW_AWARDS,
            {"shown": "Shown", "hidden": "Hidden"},
            "hidden" if hidden else "shown",
        ),
    ]
    return [*said, blocks.actions([_back()])]


def _choice(title: str, words: str, name: str, labels: dict[str, str], chosen: str) -> Block:
    options = [blocks.option(label, value) for value, label in labels.items()]
    element: Block = {
        "type": "static_select",
        "action_id": f"{OWN}{name}",
        "options": options,
        "initial_option": next(one for one in options if one["value"] == chosen),
    }
    return blocks.section(f"{text.bold(title)}\n{words}", accessory=element)


def _back() -> Block:
    return go("Back to your badges", Place(), key="back")
