"""Carrying out an order: from what someone asks for to what they read back."""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Connection

from bot import awarding, celebrating, orders, parsing, revoking
from bot.apologies import UNSURE_OF_AWARD
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, UserFacingError
from bot.feeds import tells_of
from bot.gifts import Awarded
from bot.messages import confirmation
from bot.messages.message import Message, sentence
from bot.orders import MAX_RECIPIENTS, Order, Prepared
from bot.people import ask_slack
from bot.precedents import SameAgainError
from storage import badges, outbox, people
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.database import DatabaseUnavailableError, is_again
from storage.deadline import Deadline, answering_within
from storage.people import PersonRow

_log = logging.getLogger(__name__)

SAVED_WITHIN = 600.0  # seconds, asking Slack included


def after_asking(
    deps: Deps, workspace: WorkspaceRef, needed: NeedsSlackError, carry_on: Callable[[], Message]
) -> Message:
    """Ask Slack who people are, then carry on; refusals become the message: nobody waits any more.

    Raises DatabaseUnavailableError where nothing was awarded, and what slack_sdk raises.
    """
    # Nobody waits, yet it tells whether a commit was begun whose answer was lost.
    deadline = Deadline(SAVED_WITHIN)
    try:
        ask_slack(
            deps,
            workspace,
            people=needed.people,
            groups=needed.groups,
            most=MAX_RECIPIENTS + 1,  # the giver may be one of the group
        )
        with answering_within(deadline):
            return carry_on()
    except NeedsSlackError:
        return sentence("I don’t know you yet; please try again in a minute.")
    except UserFacingError as problem:
        return sentence(problem.sentence)
    except DatabaseUnavailableError:
        if not deadline.may_have_changed:
            raise
        _log.warning("it is not known whether an award was saved")
        return sentence(UNSURE_OF_AWARD)


def place(deps: Deps, workspace: WorkspaceRef, order: Order) -> Message:
    """Award what is ordered, in one transaction, and say what happened."""
    try:
        prepared, done = carry_out(deps, workspace, order)
    except _AskFirst as ask:
        return confirmation.same_again(ask.same.recipient, ask.same.badge, ask.order)
    return confirmation.awarded(
        done, refused=prepared.refused, private=order.private, quiet=order.quiet
    )


def revoke(deps: Deps, workspace: WorkspaceRef, slack_id: str, words: str) -> Message:
    """Revoke the award whose id stands at the start of the words, and say so.

    Raises NeedsSlackError for someone Laurel has not met.
    """
    try:
        code, reason = parsing.parse_code(words)
    except parsing.ParseProblem as problem:
        return sentence(problem.sentence)

    def work(session: Connection) -> Message:
        row = revoking.revoke(
            session,
            workspace=workspace,
            settings=deps.settings_in(session, workspace),
            actor=known(session, workspace, slack_id),
            code=code,
            reason=reason,
            now=deps.clock(),
        )
        [(recipient, badge)] = _whose(session, workspace, [row])
        posts = outbox.posts_of_batch(session, workspace_id=workspace.id, batch_id=row.batch_id)
        in_feed: confirmation.InFeed = ""
        if any(post.message_ts and tells_of(post, row.badge_id) for post in posts):
            celebrated = celebrating.when_revoked(session, workspace, row)
            in_feed = "struck" if celebrated is None else celebrated
        return confirmation.revoked(recipient, badge, code=code, in_feed=in_feed)

    message = deps.database.write(work)
    deps.wake_delivery()
    _log.info("revoked", extra={"award": code})
    return message


def take_back(deps: Deps, workspace: WorkspaceRef, slack_id: str, value: str) -> Message:
    """Take back what an Undo button's command awarded, if whoever clicked gave it, and say so."""
    try:
        batch_id = UUID(value)
    except ValueError:
        raise BadRequestError("I can’t find that award any more.") from None

    def work(session: Connection) -> tuple[list[AwardRow], Message]:
        rows = revoking.undo(
            session,
            workspace=workspace,
            giver=known(session, workspace, slack_id),
            batch_id=batch_id,
            now=deps.clock(),
        )
        return rows, confirmation.undone(_whose(session, workspace, rows))

    try:
        rows, message = deps.database.write(work)
    except NeedsSlackError:  # nobody unknown ever gave anything
        raise BadRequestError("I can’t find that award any more.") from None
    deps.wake_delivery()
    if rows:
        codes = ",".join([row.code for row in rows])
        _log.info("undone", extra={"batch": str(batch_id), "awards": codes})
    return message


def _whose(
    session: Connection, workspace: WorkspaceRef, rows: Sequence[AwardRow]
) -> list[tuple[PersonRow, BadgeRow]]:
    """The recipient and the badge of each award."""
    recipients = people.by_ids(
        session, workspace_id=workspace.id, ids={row.recipient_id for row in rows}
    )
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row in rows}
    )
    return [(recipients[row.recipient_id], versions[row.version_id]) for row in rows]


def carry_out(deps: Deps, workspace: WorkspaceRef, order: Order) -> tuple[Prepared, Awarded]:
    """Write the awards of an order, and have their announcements sent."""

    def work(session: Connection) -> tuple[Prepared, Awarded]:
        prepared = orders.prepare(
            session,
            workspace=workspace,
            settings=deps.settings,
            memory=deps.memory,
            order=order,
        )
        try:
            done = awarding.award(
                session,
                workspace=workspace,
                settings=prepared.settings,
                gift=prepared.gift,
                now=deps.clock(),
                hopeful=not is_again(session),
            )
        except SameAgainError as same:
            raise _AskFirst(same, _settled(order, prepared)) from same
        return prepared, done

    prepared, done = deps.database.write(work)
    deps.wake_delivery()
    log_awarded(done)
    return prepared, done


def log_awarded(done: Awarded) -> None:
    """Have the log say what was awarded, once it is saved."""
    if done.awarded:
        codes = ",".join([one.code for one in done.awarded])
        _log.info("awarded", extra={"batch": str(done.batch_id), "awards": codes})


class _AskFirst(Exception):  # noqa: N818 - a question, not an error
    """The same was given a minute ago; `order` is what to repeat, with everything looked up."""

    def __init__(self, same: SameAgainError, order: Order) -> None:
        super().__init__()
        self.same = same
        self.order = order


def _settled(order: Order, prepared: Prepared) -> Order:
    return order._replace(
        people=tuple(person.slack_id for person in prepared.gift.recipients),
        groups=(),
        words="",
        badge_ids=tuple(badge.id for badge in prepared.gift.badges),
        reason=prepared.gift.reason,
    )


def known(session: Connection, workspace: WorkspaceRef, slack_id: str) -> PersonRow:
    """The person who acts. Raises NeedsSlackError for someone Laurel has not met."""
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        raise NeedsSlackError(people=frozenset({slack_id}))
    return person
