"""Awarding to many: the form, the preview in the admin's direct messages, and its buttons."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import bulk, bulk_file, bulk_plan, bulk_work, orders
from bot.bulk import Planned
from bot.bulk_plan import Wanted
from bot.bulk_progress import reporter, show
from bot.catalogue import found_by
from bot.delivery.trouble import ask
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, UserFacingError
from bot.hr_file import FileRefusedError
from bot.listeners import Listeners
from bot.messages import award_form, bulk_form, text
from bot.messages import bulk as words
from bot.messages.bulk_form import BADGE, CALLBACK, PEOPLE, Filled
from bot.messages.message import Message, sentence
from bot.opening import open_later
from bot.people import ask_slack
from bot.respond import edit, show_in_view
from bot.shared_files import fetch
from bot.slack_files import CannotDownloadError, share_file
from bot.user_groups import listed
from storage import bulk as kept_bulk
from storage import people, user_groups
from storage.badges import BadgeRow
from storage.bulk import BulkRow

_TOMORROW_SOMEWHERE = timedelta(hours=14)
_GROUPS_NAMED = 5

Begin = Callable[[Connection, Deps, WorkspaceRef, str, UUID], BulkRow]


def register(on: Listeners, deps: Deps) -> None:
    """The form, and the buttons of what follows it."""
    on.view(CALLBACK)(_submitted(deps))
    on.options(BADGE)(_type_ahead(deps))
    on.action(words.BULK_OPEN)(_opened(deps))
    on.action(words.BULK_START)(_clicked(deps, bulk.start))
    on.action(words.BULK_UNDO)(_clicked(deps, bulk.undo))
    on.action(words.BULK_DISCARD)(_discarded(deps))


def open_form(
    deps: Deps, workspace: WorkspaceRef, *, slack_id: str, trigger_id: str, groups: str = ""
) -> None:
    """Open the form once Slack has its acknowledgement; `groups` are filled in as typed.

    Raises NotPermittedError.
    """
    deps.database.read(
        lambda session: bulk.awarder_of(
            session, workspace, deps.settings_in(session, workspace), slack_id
        )
    )
    view = bulk_form.form(groups=groups)
    open_later(deps, workspace, trigger_id, view)


def _opened(deps: Deps) -> Callable[..., None]:
    def opened(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        open_form(
            deps, context["workspace"], slack_id=body["user"]["id"], trigger_id=body["trigger_id"]
        )
        ack()

    return opened


def _submitted(deps: Deps) -> Callable[..., None]:
    def submitted(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id, filled = body["user"]["id"], bulk_form.read(view)
        deps.database.read(
            lambda session: bulk.admin_of(
                session, workspace, deps.settings_in(session, workspace), slack_id
            )
        )
        if not (filled.people or filled.groups or filled.file):
            problem = "Choose people, name a user group, or attach a CSV."
            ack(response_action="errors", errors={PEOPLE: problem})
            return
        if filled.badge_id is None and not filled.file:
            ack(response_action="errors", errors={BADGE: "Which badge is it?"})
            return
        waiting = sentence("Checking… The preview comes in our direct messages in a moment.")
        ack(response_action="update", view=bulk_form.done(waiting))

        def look_over() -> None:
            message = _looked_over(deps, workspace, slack_id, filled)
            show_in_view(
                deps.slack(workspace),
                view["id"],
                bulk_form.done(message),
                slack_id=slack_id,
                message=message,
            )

        deps.after_acknowledgement(look_over)

    return submitted


def _looked_over(deps: Deps, workspace: WorkspaceRef, slack_id: str, filled: Filled) -> Message:
    """Post the preview, and say so; or why there is none."""
    try:
        wanted = _wanted(deps, workspace, filled)
        planned = bulk.prepare(deps, workspace, slack_id, wanted)
    except FileRefusedError as refusal:
        return sentence(f"I cannot use that file. {refusal}")
    except CannotDownloadError as problem:
        return sentence(str(problem))
    except UserFacingError as problem:
        return sentence(problem.sentence)
    _post_preview(deps, workspace, slack_id, planned, wanted.file_name or "Award to many")
    return sentence(
        "The preview is in our direct messages. Nothing is awarded until you say so there."
    )


def _post_preview(
    deps: Deps, workspace: WorkspaceRef, slack_id: str, planned: Planned, name: str
) -> None:
    client, bulk_id = deps.slack(workspace), planned.bulk_id
    message = words.previewed(planned.plan, bulk_id, name=name, notes=planned.notes)
    posted = ask(
        lambda: client.chat_postMessage(
            channel=slack_id, unfurl_links=False, unfurl_media=False, **message.payload()
        )
    )
    if bulk_id is not None:
        deps.database.write(
            lambda session: kept_bulk.place(
                session,
                workspace_id=workspace.id,
                bulk_id=bulk_id,
                channel=str(posted["channel"]),
                message_ts=str(posted["ts"]),
            )
        )
    if len(planned.plan.refused) > words.REFUSED_SHOWN:
        share_file(
            client,
            str(posted["channel"]),
            content=words.left_out(planned.plan).encode(),
            filename="left-out.txt",
            title="Left out, and why",
            comment="Everything that is left out, line by line.",
        )


def _wanted(deps: Deps, workspace: WorkspaceRef, filled: Filled) -> Wanted:
    """What a form asks for, once Slack told who is in groups and what is in the file."""
    file, name = None, ""
    if filled.file is not None:
        name = str(filled.file.get("name") or "the file")[:80]
        fetched = fetch(deps.slack(workspace), str(filled.file["id"]), most=bulk_file.MOST_BYTES)
        if fetched.content is None:
            most = bulk_file.MOST_BYTES // 1_000_000
            raise BadRequestError(f"That file has more than {most} MB. Please split it.")
        today = (deps.clock() + _TOMORROW_SOMEWHERE).date()
        file = bulk_file.read(BytesIO(fetched.content), most_rows=bulk_plan.MOST, today=today)
        if filled.badge_id is None and not file.has_badges:
            raise BadRequestError(
                "The file has no column for the badge. Choose the badge in the form, or add one."
            )
    if filled.badge_id is None and (filled.people or filled.groups):
        raise BadRequestError("Which badge is it for the people and groups you chose?")
    return Wanted(
        people=_members(deps, workspace, filled),
        file=file,
        file_name=name,
        badge_id=filled.badge_id,
        reason=filled.reason,
        private=filled.private,
        quiet=filled.quiet,
    )


def _members(deps: Deps, workspace: WorkspaceRef, filled: Filled) -> tuple[str, ...]:
    """Everybody who was chosen, by name or as a member of a group, each once."""
    groups = _group_ids(deps, workspace, filled.groups) if filled.groups else ()
    known = deps.database.read(
        lambda session: people.by_slack_ids(
            session, workspace_id=workspace.id, slack_ids=filled.people
        )
    )
    missing = [one for one in filled.people if one not in known]
    if groups or missing:
        ask_slack(deps, workspace, people=missing, groups=groups, most=bulk_plan.MOST)

    def find(session: Connection) -> list[str]:
        return [
            member.slack_id
            for group in groups
            for member in user_groups.members(session, workspace_id=workspace.id, group_id=group)
            if member.active and not member.bot
        ]

    return tuple(dict.fromkeys([*filled.people, *deps.database.read(find)]))


def _group_ids(deps: Deps, workspace: WorkspaceRef, handles: Iterable[str]) -> tuple[str, ...]:
    said = listed(deps, workspace)
    known = {str(group["handle"]).casefold(): str(group["id"]) for group in said}
    known |= {str(group["id"]).casefold(): str(group["id"]) for group in said}
    lost = [handle for handle in handles if handle not in known]
    if lost:
        named = text.in_words([f"“{one[:40]}”" for one in lost[:_GROUPS_NAMED]])
        raise BadRequestError(
            f"Slack knows no user group called {named}. Write its handle, as in @platform."
        )
    return tuple(known[handle] for handle in handles)


def _type_ahead(deps: Deps) -> Callable[..., None]:
    def type_ahead(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]

        def find(session: Connection) -> list[BadgeRow]:
            settings = deps.settings_in(session, workspace)
            giver = bulk.admin_of(session, workspace, settings, body["user"]["id"])
            return orders.awardable(session, workspace=workspace, settings=settings, giver=giver)

        found = found_by(deps.database.read(find), body.get("value") or "")
        ack(options=award_form.badge_options(found))

    return type_ahead


def _clicked(deps: Deps, begin: Begin) -> Callable[..., None]:
    """A button that begins something which then goes on by itself."""

    def clicked(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id, bulk_id = body["user"]["id"], _id(action)
        channel, ts = _place(body)

        def begun(session: Connection) -> BulkRow:
            row = begin(session, deps, workspace, slack_id, bulk_id)
            # The process that posted the message may have died before it noted where.
            kept_bulk.place(
                session, workspace_id=workspace.id, bulk_id=row.id, channel=channel, message_ts=ts
            )
            return row._replace(channel=channel, message_ts=ts)

        row = deps.database.write(begun)
        ack()

        def go_on() -> None:
            show(deps, workspace, row)
            bulk_work.carry_on(deps, workspace, bulk_id, reporter(deps, workspace))

        deps.after_acknowledgement(go_on)

    return clicked


def _discarded(deps: Deps) -> Callable[..., None]:
    def discarded(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        deps.database.write(
            lambda session: bulk.discard(session, deps, workspace, body["user"]["id"], _id(action))
        )
        ack()
        channel, ts = _place(body)
        deps.after_acknowledgement(
            lambda: edit(deps.slack(workspace), channel, ts, words.discarded())
        )

    return discarded


def _place(body: dict[str, Any]) -> tuple[str, str]:
    """The channel and timestamp of the message below which somebody clicked."""
    container = body["container"]
    return str(container["channel_id"]), str(container["message_ts"])


def _id(action: dict[str, Any]) -> UUID:
    try:
        return UUID(hex=action.get("value") or "")
    except ValueError:
        raise BadRequestError(bulk.GONE) from None
