"""The Studio's form: opened, drawn anew as things are chosen in it, checked and saved."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection

from bot import feed_channel, home, people
from bot.artwork.uploads import MOST_BYTES, PictureRefusedError, safe, too_large
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotPermittedError, UserFacingError
from bot.home_frame import Place
from bot.listeners import Listeners
from bot.messages import studio_form as words
from bot.messages.blocks import Block
from bot.messages.fitting import without_pictures
from bot.messages.message import Message, sentence
from bot.messages.studio import saved_message
from bot.messages.studio_fields import category_options
from bot.messages.text import one_line
from bot.parsing import typed
from bot.pictures import design_key
from bot.redrawing import Redrawing
from bot.respond import show_in_view
from bot.shared_files import fetch
from bot.showing import bring_drawing
from bot.slack_files import CannotDownloadError
from bot.studio import draft as fields
from bot.studio import past
from bot.studio.checking import FieldErrors, Form, badge_of
from bot.studio.draft import Draft, category_value
from bot.studio.saving import Saved, admin, check, save
from bot.user_groups import UserGroups
from storage import badges
from storage.database import DatabaseUnavailableError

OUT_OF_DATE = "That form is no use any more. Please open the Studio again."
AGAIN = "Laurel’s database did not answer, so nothing was saved. Please try again in a minute."
NOT_SAVED = "Nothing was saved."
_WITH_GROUPS = (fields.EVERYONE, fields.MANAGERS, fields.NAMED)
_CATEGORY_LIMIT = 120  # characters of a new one


def register(on: Listeners, forms: "StudioForms") -> None:
    """The form's submission, its type-ahead, and the fields on which others depend."""
    on.view(words.CALLBACK)(forms.submitted)
    on.options(words.CATEGORY_ACTION)(forms.categories)
    on.action(*words.REDRAWING)(forms.changed)


class StudioForms:
    """The form in which badges are made and changed, for all admins."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._groups = UserGroups()
        self._redrawing = Redrawing()

    def open_later(
        self, workspace: WorkspaceRef, body: Mapping[str, Any], form: Form, draft: Draft
    ) -> None:
        """Open the form once a click in Home is acknowledged."""
        trigger_id, place = body["trigger_id"], Place.of_view(body["view"])

        def open_form() -> None:
            slack = self._deps.slack(workspace)
            if not self._must_ask(workspace, draft):
                view = self._view(workspace, form, draft, place)
                _shown(view, lambda one: slack.views_open(trigger_id=trigger_id, view=one))
                return
            # The trigger lives three seconds: Slack is asked for its user groups once a view is open.
            title = "Edit badge" if form.badge_id else "New badge"
            waiting = words.closing_view(title, sentence("One moment…"))
            shown = ask(lambda: slack.views_open(trigger_id=trigger_id, view=waiting))
            view = self._view(workspace, form, draft, place)
            view_id = shown["view"]["id"]
            _shown(view, lambda one: slack.views_update(view_id=view_id, view=one))

        self._deps.after_acknowledgement(open_form)

    def changed(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        """Something was chosen on which other fields, or the preview, depend."""
        workspace: WorkspaceRef = context["workspace"]
        seen = body["view"]
        form, place = _opened(seen)
        draft = words.read(seen)
        self._deps.database.read(
            lambda session: admin(session, self._deps, workspace, body["user"]["id"])
        )
        ack()

        def redraw() -> None:
            slack = self._deps.slack(workspace)
            view = self._view(workspace, form, draft, place)
            _shown(view, lambda one: self._redrawing.show(slack, seen, one))
            design = draft.design if draft.picture == fields.DRAWN else None
            if design is not None and self._picture(workspace, form, draft) is None:
                self._bring_preview(workspace, seen, form, draft, place, design_key(design))

        self._deps.after_acknowledgement(redraw)

    def categories(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        """The categories there are, and the one that is being typed."""
        workspace: WorkspaceRef = context["workspace"]
        wanted = one_line(typed(body.get("value") or ""))[:_CATEGORY_LIMIT]

        def find(session: Connection) -> dict[str, str]:
            admin(session, self._deps, workspace, body["user"]["id"])
            every = badges.catalogue(session, workspace_id=workspace.id)
            return {one.category: category_value(one.category, one.id) for one in every}

        found = self._deps.database.read(find)
        known = {name.casefold() for name in found}
        listed = [
            (value, name)
            for name, value in sorted(found.items(), key=lambda pair: pair[0].casefold())
            if name and wanted.casefold() in name.casefold()
        ]
        new = wanted if wanted and wanted.casefold() not in known else ""
        ack(options=category_options(listed, new=new))

    def submitted(
        self, ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        """The form was sent: saved at once, or once its picture was looked at."""
        workspace: WorkspaceRef = context["workspace"]
        slack_id = body["user"]["id"]
        form, place = _opened(view)
        draft = words.read(view)
        looks = draft.picture == fields.UPLOAD and bool(draft.file_id)
        try:
            if looks:
                self._check(workspace, slack_id, form, draft)
                ack(response_action="update", view=words.checking_view(form))
                self._deps.after_acknowledgement(
                    lambda: self._look_and_save(workspace, slack_id, view["id"], form, draft, place)
                )
                return
            saved = self._deps.database.write(
                lambda session: save(
                    session, self._deps, workspace, slack_id, form, draft, view_id=view["id"]
                )
            )
        except FieldErrors as problem:
            ack(response_action="errors", errors=words.errors_at(view, problem.errors))
        else:
            message = saved_message(saved)
            ack(response_action="update", view=words.closing_view(_title(form), message))
            self._deps.after_acknowledgement(
                lambda: self._follow(workspace, slack_id, view["id"], saved, place)
            )

    # -- what follows acknowledgements -----------------------------------------------------------

    def _look_and_save(
        self,
        workspace: WorkspaceRef,
        slack_id: str,
        view_id: str,
        form: Form,
        draft: Draft,
        place: Place,
    ) -> None:
        """Fetch the picture, make it safe and save it all; or show the form again, with why not."""

        def show(view: Block, message: Message) -> None:
            slack = self._deps.slack(workspace)
            show_in_view(slack, view_id, view, slack_id=slack_id, message=message)

        again = replace(form, tries=form.tries + 1)
        try:
            saved = self._saved_with_picture(workspace, slack_id, view_id, form, draft)
        except NotPermittedError as problem:
            message = sentence(problem.sentence)
            show(words.closing_view(_title(form), message), message)
        except (FieldErrors, UserFacingError, CannotDownloadError, DatabaseUnavailableError) as why:
            said = _said(why)
            of_file = isinstance(why, PictureRefusedError | CannotDownloadError)
            above, below = ("", said) if of_file else (said, "")
            view = self._view(workspace, again, draft, place, said=above, refused=below)
            show(view, sentence(f"{said} {NOT_SAVED}"))
        except Exception:
            show(self._view(workspace, again, draft, place, said=_WRONG), sentence(_WRONG))
            raise
        else:
            message = saved_message(saved)
            show(words.closing_view(_title(form), message), message)
            self._follow(workspace, slack_id, view_id, saved, place)

    def _saved_with_picture(
        self, workspace: WorkspaceRef, slack_id: str, view_id: str, form: Form, draft: Draft
    ) -> Saved:
        from bot.artwork.uploads import Fit  # Pillow, only for this

        file = fetch(self._deps.slack(workspace), draft.file_id, most=MOST_BYTES)
        if file.content is None:
            raise too_large(file.size)
        fit: Fit = "pad" if draft.fit == fields.PAD else "crop"
        picture = safe(file.content, fit=fit, name=file.name)
        return self._deps.database.write(
            lambda session: save(
                session,
                self._deps,
                workspace,
                slack_id,
                form,
                draft,
                picture=picture,
                view_id=view_id,
            )
        )

    def _follow(
        self, workspace: WorkspaceRef, slack_id: str, view_id: str, saved: Saved, place: Place
    ) -> None:
        """What a saved badge needs besides; each by itself, so that no trouble keeps the rest."""
        deps = self._deps
        deps.wake_delivery()
        follow_up = deps.after_acknowledgement
        follow_up(lambda: home.republish(deps, workspace, slack_id, place))
        if saved.past_left:
            follow_up(lambda: past.go_on(deps, workspace, saved.badge.id))
        if saved.new_groups:
            follow_up(lambda: people.look_up_groups(deps, workspace, saved.new_groups))
        if saved.badge.feed and saved.badge.feed_channel:
            follow_up(lambda: self._look_at_channel(workspace, slack_id, view_id, saved))

    def _look_at_channel(
        self, workspace: WorkspaceRef, slack_id: str, view_id: str, saved: Saved
    ) -> None:
        """Say so where Laurel is not in the channel in which the badge is announced."""
        slack = self._deps.slack(workspace)
        channel = feed_channel.look(slack, saved.badge.feed_channel or "")
        if channel.state != "in":
            message = saved_message(saved, outside=True)
            view = words.closing_view("Saved", message)
            show_in_view(slack, view_id, view, slack_id=slack_id, message=message)

    def _bring_preview(
        self,
        workspace: WorkspaceRef,
        seen: Block,
        form: Form,
        draft: Draft,
        place: Place,
        key: str,
    ) -> None:
        slack = self._deps.slack(workspace)

        def show(picture: Block) -> bool | None:
            view = self._view(workspace, form, draft, place, picture=picture)
            try:
                return self._redrawing.show(slack, seen, view) or None
            except SlackApiError:
                return False  # Slack still works on the picture

        bring_drawing(
            self._deps,
            workspace,
            key,
            lambda: self._deps.database.read(
                lambda session: self._deps.pictures.draw(session, workspace, key)
            ),
            show,
        )

    # -- the rest --------------------------------------------------------------------------------

    def _check(self, workspace: WorkspaceRef, slack_id: str, form: Form, draft: Draft) -> None:
        def look(session: Connection) -> None:
            reader = admin(session, self._deps, workspace, slack_id)
            check(session, workspace, reader, form, draft, now=self._deps.clock())

        self._deps.database.read(look)

    def _must_ask(self, workspace: WorkspaceRef, draft: Draft) -> bool:
        return draft.awarders in _WITH_GROUPS and self._groups.known(self._deps, workspace) is None

    def _view(
        self,
        workspace: WorkspaceRef,
        form: Form,
        draft: Draft,
        place: Place,
        *,
        picture: Block | None = None,
        said: str = "",
        refused: str = "",
    ) -> Block:
        groups = {}
        if draft.awarders in _WITH_GROUPS:
            groups = self._groups.ask(self._deps, workspace)
        shown = picture or self._picture(workspace, form, draft)
        return words.form_view(
            form, draft, place, groups=groups, picture=shown, said=said, refused=refused
        )

    def _picture(self, workspace: WorkspaceRef, form: Form, draft: Draft) -> Block | None:
        """Where Slack finds the picture that the form shows, if it does already."""

        def find(session: Connection) -> Block | None:
            key, of = "", form.badge_id or form.source
            if draft.picture == fields.DRAWN and draft.design is not None:
                key = design_key(draft.design)
            elif draft.picture == fields.KEEP and of is not None:
                key = f"tile:{badge_of(session, workspace, of).version_id}"
            return self._deps.pictures.source(session, workspace, key) if key else None

        return self._deps.database.read(find)


_WRONG = "Something went wrong on Laurel’s side, so nothing was saved. Please try again."


def _shown(view: Block, show: Callable[[Block], object]) -> None:
    """Show a view, in words alone where Slack does not take its picture. Raises SlackTroubleError."""
    try:
        ask(lambda: show(view))
    except SlackTroubleError as trouble:
        bare = without_pictures(view["blocks"])
        if trouble.code not in home.NOT_SHOWN or bare == view["blocks"]:
            raise
        ask(lambda: show(view | {"blocks": bare}))


def _title(form: Form) -> str:
    return "Edit badge" if form.badge_id else "New badge"


def _opened(view: Mapping[str, Any]) -> tuple[Form, Place]:
    try:
        return words.opened(view)
    except ValueError:
        raise BadRequestError(OUT_OF_DATE) from None


def _said(problem: Exception) -> str:
    if isinstance(problem, FieldErrors):
        return " ".join(problem.errors.values())
    if isinstance(problem, UserFacingError):
        return problem.sentence
    return AGAIN if isinstance(problem, DatabaseUnavailableError) else str(problem)
