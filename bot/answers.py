"""From what someone asks about badges to the message that answers it, in one transaction."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from bot import catalogue, profiles
from bot.catalogue import BadgeDetails
from bot.deps import Deps, WorkspaceRef
from bot.messages import text
from bot.messages.catalog import badge_message, catalogue_message
from bot.messages.message import Message, sentence
from bot.messages.profile import history_message, profile_message
from bot.profiles import Profile, Reader
from storage.badges import BadgeRow
from storage.people import PersonRow


@dataclass(frozen=True)
class Answer:
    """A message that is complete in words, and the pictures that Slack lacks for it.

    `profile`: its trophy case has to be uploaded; `missing`: keys of cards and tiles to upload.
    """

    message: Message
    profile: Profile | None = None
    missing: tuple[str, ...] = ()


def profile_answer(
    session: Connection, deps: Deps, workspace: WorkspaceRef, profile: Profile
) -> Answer:
    """A page of a profile, with its picture where Slack has it or can fetch it."""
    picture = deps.pictures.case_source(session, workspace, profile.case)
    lacking = picture is None and (profile.collects or profile.case.awards > 0)
    return Answer(profile_message(profile, picture), profile if lacking else None)


def own_or_other(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    *,
    reader: Reader,
    owner: PersonRow,
) -> Answer:
    """The first page of someone's profile as the reader may see it."""
    shown = profiles.profile(
        session, deps.pictures, workspace, owner=owner, reader=reader, now=deps.clock()
    )
    return profile_answer(session, deps, workspace, shown)


def catalogue_answer(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    *,
    reader: Reader,
    page: int = 1,
    beginning_with: UUID | None = None,
    only_like: UUID | None = None,
) -> Answer:
    """A page of the catalogue; see `catalogue.catalogue_page`."""
    shown = catalogue.catalogue_page(
        session,
        deps.pictures,
        workspace,
        reader=reader,
        now=deps.clock(),
        page=page,
        beginning_with=beginning_with,
        only_like=only_like,
    )
    return Answer(catalogue_message(shown), missing=_to_upload(deps, shown.missing))


def category_answer(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, words: str
) -> Answer:
    """The catalogue, or a category of it: alone if it fits on a page, else where it begins."""
    found = catalogue.of_category(session, workspace, words) if words else []
    first = found[0].id if found else None
    fits = len(found) <= catalogue.CATALOGUE_PAGE
    answer = catalogue_answer(
        session,
        deps,
        workspace,
        reader=reader,
        beginning_with=None if fits else first,
        only_like=first if fits else None,
    )
    if words and not found:
        shown = text.shorten(text.one_line(words), 60)
        return noted(answer, f"I don’t know a category called “{shown}”, so here are all.")
    return answer


def noted(answer: Answer, note: str) -> Answer:
    """An answer with a sentence (not yet escaped) in front of it, about what was left out."""
    said = sentence(note)
    message = Message(f"{said.text} {answer.message.text}", said.blocks + answer.message.blocks)
    return replace(answer, message=message)


def badge_answer(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    *,
    reader: Reader,
    badge: BadgeRow,
    page: int = 1,
) -> Answer:
    """One badge with a page of who holds it."""
    shown: BadgeDetails = catalogue.badge_details(
        session,
        deps.pictures,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        badge=badge,
        now=deps.clock(),
        page=page,
    )
    return Answer(badge_message(shown), missing=_to_upload(deps, shown.missing))


def history_answer(
    session: Connection, deps: Deps, workspace: WorkspaceRef, *, owner: PersonRow, page: int = 1
) -> Answer:
    """A page of one's own history."""
    return Answer(
        history_message(
            profiles.history(session, workspace, owner=owner, now=deps.clock(), page=page)
        )
    )


def _to_upload(deps: Deps, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Nothing is uploaded where Slack can fetch it."""
    return () if deps.pictures.has_addresses else missing
