"""Carrying out an order: from what someone asks for to what they read back."""

import logging
from dataclasses import replace

from sqlalchemy import Connection

from bot import awarding, orders
from bot.apologies import UNSURE_OF_AWARD
from bot.awarding import Awarded, SameAgainError
from bot.deps import Deps, WorkspaceRef
from bot.errors import NeedsSlackError, NotPermittedError, UserFacingError
from bot.messages import confirmation
from bot.messages.message import Message, sentence
from bot.orders import MAX_RECIPIENTS, Order, Prepared
from bot.people import ask_slack
from storage import people
from storage.database import DatabaseUnavailableError
from storage.deadline import Deadline, answering_within
from storage.people import PersonRow

_log = logging.getLogger(__name__)

SAVED_WITHIN = 600.0  # seconds, asking Slack included


def after_asking(
    deps: Deps, workspace: WorkspaceRef, order: Order, needed: NeedsSlackError
) -> Message:
    """Ask Slack who people are, then award; refusals become the message, since nobody waits any more.

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
            return place(deps, workspace, replace(order, asked_slack=True))
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
        done,
        refused=prepared.refused,
        private=order.private,
        quiet=order.quiet,
        feed_channel=deps.settings.feed_channel,
    )


def carry_out(deps: Deps, workspace: WorkspaceRef, order: Order) -> tuple[Prepared, Awarded]:
    """Write the awards of an order, and have their announcements sent."""

    def work(session: Connection) -> tuple[Prepared, Awarded]:
        prepared = orders.prepare(session, workspace=workspace, settings=deps.settings, order=order)
        try:
            done = awarding.award(
                session,
                workspace=workspace,
                settings=deps.settings,
                gift=prepared.gift,
                now=deps.clock(),
            )
        except SameAgainError as same:
            raise _AskFirst(same, _settled(order, prepared)) from same
        return prepared, done

    result = deps.database.write(work)
    deps.wake_delivery()
    return result


class _AskFirst(Exception):  # noqa: N818 - a question, not an error
    """The same was given a minute ago; `order` is what to repeat, with everything looked up."""

    def __init__(self, same: SameAgainError, order: Order) -> None:
        super().__init__()
        self.same = same
        self.order = order


def _settled(order: Order, prepared: Prepared) -> Order:
    return replace(
        order,
        people=tuple(person.slack_id for person in prepared.gift.recipients),
        groups=(),
        words="",
        badge_ids=tuple(badge.id for badge in prepared.gift.badges),
        reason=prepared.gift.reason,
    )


def known(session: Connection, workspace: WorkspaceRef, slack_id: str) -> PersonRow:
    """The person who acts. Raises NotPermittedError for someone Laurel has not met."""
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        raise NotPermittedError("I don’t know you yet; please try again in a minute.")
    return person
