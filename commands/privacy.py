"""`/badges export`: everything Laurel knows of oneself; `/badges erase`: an owner has a person forgotten."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import profiles
from bot.answers import Answer
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotFoundError
from bot.listeners import Listeners
from bot.messages import privacy as words
from bot.messages.message import Message
from bot.permissions import require
from bot.privacy import export
from bot.privacy.erasing import erase
from bot.profiles import Reader
from bot.respond import hand_over, respond
from storage import people
from storage.people import PersonRow

PRIVACY_HELP: tuple[tuple[str, str], ...] = (
    ("/badges export", "Everything I know of you, as a file."),
    ("/badges erase @maria", "Forgets who Maria was, on request; for owners."),
)


def register(on: Listeners, deps: Deps) -> None:
    """The buttons below the question whether to erase somebody."""
    on.action(words.ERASE_ACTION)(_confirmed(deps))
    on.action(words.KEEP_ACTION)(_kept(deps))


def export_answer(
    deps: Deps, workspace: WorkspaceRef, reader: Reader, *, response_url: str
) -> Answer:
    """Promise the reader's export; it is made and sent after the acknowledgement."""
    deps.after_acknowledgement(lambda: _send_export(deps, workspace, reader.person, response_url))
    return Answer(words.UNDERWAY)


def _send_export(deps: Deps, workspace: WorkspaceRef, person: PersonRow, response_url: str) -> None:
    content = export.made(
        deps.database, deps.pictures, workspace, person_id=person.id, now=deps.clock()
    )
    slack = deps.slack(workspace)
    if not hand_over(
        slack,
        person.slack_id,
        content=content,
        filename=export.FILENAME,
        title="What Laurel knows of you",
        comment=words.HANDED_OVER,
    ):
        respond(slack, response_url, words.NOT_SENT, replace=False)


def erase_answer(
    session: Connection, workspace: WorkspaceRef, reader: Reader, slack_id: str
) -> Answer:
    """Ask an owner whether somebody is to be erased. Raises NotPermittedError and refusals."""
    require(reader.standing, "erase")
    if not slack_id:
        raise BadRequestError("Whom? Name one person: `/badges erase @maria`.")
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        raise NotFoundError("I know nothing of that person, so there is nothing to erase.")
    _not_oneself(reader, person.id)
    return Answer(words.erase_question(person))


def _not_oneself(reader: Reader, person_id: UUID) -> None:
    if reader.person.id == person_id:
        raise BadRequestError("Another owner can erase you; nobody erases themselves.")


def _confirmed(deps: Deps) -> Callable[..., None]:
    def confirmed(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]

        def work(session: Connection) -> bool:
            settings = deps.settings_in(session, workspace)
            reader = profiles.reader_of(
                session, workspace, settings, body["user"]["id"], asked=True
            )
            require(reader.standing, "erase")
            person_id = _id(action.get("value", ""))
            _not_oneself(reader, person_id)
            try:
                return erase(
                    session,
                    workspace=workspace,
                    person_id=person_id,
                    now=deps.clock(),
                    actor_id=reader.person.id,
                )
            except KeyError:
                raise NotFoundError("I know nothing of that person any more.") from None

        anew = deps.database.write(work)
        ack()
        deps.wake_delivery()
        _show(deps, workspace, body, words.erased(anew=anew))

    return confirmed


def _kept(deps: Deps) -> Callable[..., None]:
    def kept(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ack()
        _show(deps, context["workspace"], body, words.KEPT)

    return kept


def _show(deps: Deps, workspace: WorkspaceRef, body: dict[str, Any], message: Message) -> None:
    slack = deps.slack(workspace)
    deps.after_acknowledgement(lambda: respond(slack, body["response_url"], message))


def _id(value: str) -> UUID:
    try:
        return UUID(hex=value)
    except ValueError:
        raise BadRequestError(
            "That button is no use any more. Please type the command again."
        ) from None
