"""Answers with pictures: by response address where Slack has them, and those that it lacks.

The words always come first, or come anyway: Slack may refuse a picture, or still be working on it,
and where it takes nothing by a response address, they go to the person directly.
"""

import logging
import time
from collections.abc import Callable, Collection

from slack_bolt import Ack
from sqlalchemy import Connection

from bot.answers import Answer
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.messages.blocks import Block
from bot.messages.fitting import files_shown, without_pictures
from bot.messages.message import Message
from bot.messages.profile import profile_message, shared_profile, trophy_case_message
from bot.pictures import Case, Drawing
from bot.profiles import Profile
from bot.respond import reply, respond
from bot.slack_files import upload_picture
from storage import files
from storage.database import DatabaseUnavailableError
from storage.people import PersonRow

_log = logging.getLogger(__name__)

# Seconds between attempts while Slack works on a picture that was just uploaded.
PROCESSING = (0.5, 1.0, 2.0)

Pause = Callable[[float], object]


def answer_command(
    deps: Deps,
    workspace: WorkspaceRef,
    ack: Ack,
    answer: Answer,
    response_url: str,
    *,
    slack_id: str,
) -> None:
    """Answer a command: in the acknowledgement, unless it shows files that Slack keeps.

    An acknowledgement whose file was deleted, or is not ready yet, shows an error and nothing else,
    and Laurel does not learn of it. By the response address the words come then.
    """
    if files_shown(answer.message.blocks):
        ack()
        deps.after_acknowledgement(
            lambda: send(
                deps, workspace, answer.message, response_url, replace=False, slack_id=slack_id
            )
        )
    else:
        ack(answer.message.payload())
    follow_acknowledgement(deps, workspace, answer, response_url)


def follow_acknowledgement(
    deps: Deps,
    workspace: WorkspaceRef,
    answer: Answer,
    response_url: str,
    *,
    pause: Pause = time.sleep,
) -> None:
    """After a command was acknowledged with an answer: bring the pictures it lacks.

    Slack does not replace a command's own answer by its response address (slackapi/bolt-js#2287), so
    the trophy case comes as a message of its own; next time it is in the answer.
    """
    profile = answer.profile
    if profile is not None:
        deps.after_acknowledgement(
            lambda: _send_trophy_case(deps, workspace, profile, response_url, pause)
        )
    upload_later(deps, workspace, answer.missing)


def show_instead(
    deps: Deps, workspace: WorkspaceRef, answer: Answer, response_url: str, *, slack_id: str
) -> None:
    """After a click was acknowledged: show the answer in place of what was clicked."""

    def show() -> None:
        send(deps, workspace, answer.message, response_url, replace=True, slack_id=slack_id)
        profile = answer.profile
        if profile is not None:
            bring_picture(
                deps,
                workspace,
                profile.case,
                lambda picture: respond(
                    deps.slack(workspace), response_url, profile_message(profile, picture)
                ),
            )

    deps.after_acknowledgement(show)
    upload_later(deps, workspace, answer.missing)


def send(
    deps: Deps,
    workspace: WorkspaceRef,
    message: Message,
    response_url: str,
    *,
    replace: bool,
    slack_id: str,
) -> None:
    """Send a message to its reader alone, without its pictures if Slack does not take them."""
    slack = deps.slack(workspace)
    words = Message(message.text, without_pictures(message.blocks))
    if reply(slack, response_url, message, words, replace=replace, slack_id=slack_id):
        forget_refused(deps, workspace, message.blocks)


def forget_refused(deps: Deps, workspace: WorkspaceRef, blocks: list[Block]) -> None:
    """Slack did not show these, but did without their pictures: the files are uploaded anew."""
    refused = files_shown(blocks)
    if refused:
        note(
            deps,
            lambda session: files.forget_refused(
                session, workspace_id=workspace.id, file_ids=refused, now=deps.clock()
            ),
        )


def share(
    deps: Deps,
    workspace: WorkspaceRef,
    profile: Profile,
    picture: Block | None,
    sharer: PersonRow,
    response_url: str,
) -> None:
    """Post a profile in the channel of a click, with its picture if that can be had.

    `picture` is Slack's file of it, if there is one: an address would end before the post does.
    """

    def post(source: Block | None) -> bool:
        message = shared_profile(profile, source, sharer)
        return respond(deps.slack(workspace), response_url, message, replace=False, in_channel=True)

    def go() -> None:
        shown = post(picture) if picture else bring_picture(deps, workspace, profile.case, post)
        if not shown and post(None) and picture:
            forget_refused(deps, workspace, [picture])

    deps.after_acknowledgement(go)


def _send_trophy_case(
    deps: Deps, workspace: WorkspaceRef, profile: Profile, response_url: str, pause: Pause
) -> None:
    bring_picture(
        deps,
        workspace,
        profile.case,
        lambda picture: respond(
            deps.slack(workspace),
            response_url,
            trophy_case_message(profile, picture),
            replace=False,
            once=True,
        ),
        pause=pause,
    )


def bring_picture(
    deps: Deps,
    workspace: WorkspaceRef,
    case: Case,
    post: Callable[[Block], bool | None],
    *,
    pause: Pause = time.sleep,
) -> bool:
    """Draw and upload a trophy case, and post it once Slack is ready to show it; whether it was.

    `post` says whether Slack took it; None: nobody looks any more. Only a picture that Slack has
    shown once is remembered.
    """
    return bring_drawing(
        deps, workspace, case.key, lambda: deps.pictures.draw_case(case), post, pause=pause
    )


def bring_drawing(
    deps: Deps,
    workspace: WorkspaceRef,
    key: str,
    draw: Callable[[], Drawing],
    post: Callable[[Block], bool | None],
    *,
    pause: Pause = time.sleep,
) -> bool:
    """The same for any picture: it is drawn, uploaded, and remembered by its key."""
    if not deps.pictures.worth_uploading:
        return False
    drawing = draw()
    try:
        file_id = ask(
            lambda: upload_picture(
                deps.slack(workspace),
                content=drawing.content,
                filename=drawing.filename,
                alt_text=drawing.alt_text,
            )
        )
    except SlackTroubleError as trouble:
        # The words are there already; a picture is not worth an apology.
        _log.warning("picture not uploaded", extra={"error": trouble.code})
        return False
    posted = _posted(post, {"slack_file": {"id": file_id}}, pause)
    if posted is None:
        return False
    if not posted:
        deps.pictures.note_refusal()
        _log.warning("picture not shown", extra={"file": file_id})
        return False
    note(
        deps,
        lambda session: files.save(
            session,
            workspace_id=workspace.id,
            key=key,
            file_id=file_id,
            now=deps.clock(),
        ),
    )
    return True


def _posted(post: Callable[[Block], bool | None], picture: Block, pause: Pause) -> bool | None:
    """Post a picture, again while Slack still works on it; whether Slack took it, None as `post`."""
    taken = post(picture)
    for wait in PROCESSING:
        if taken is not False:
            break
        pause(wait)
        taken = post(picture)
    return taken


def upload_later(deps: Deps, workspace: WorkspaceRef, missing: Collection[str]) -> None:
    """Have the cards and tiles of these keys uploaded, that the next reader should see."""
    if not missing:
        return

    def enqueue() -> None:
        note(
            deps,
            lambda session: files.enqueue_uploads(
                session, workspace_id=workspace.id, keys=missing, now=deps.clock()
            ),
        )
        deps.wake_delivery()

    deps.after_acknowledgement(enqueue)


def note(deps: Deps, work: Callable[[Connection], object]) -> None:
    """Write down something about pictures; the reader has the answer, so a failure is only logged."""
    try:
        deps.database.write(work)
    except DatabaseUnavailableError as problem:
        _log.warning("pictures not noted", extra={"error": str(problem)})
