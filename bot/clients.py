"""The client of a workspace: with the one token of the environment, or with its installation's."""

import copy
import logging
import threading
import time

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, InstallationStore
from slack_sdk.oauth.token_rotation import TokenRotator

from bot.delivery.trouble import SlackTroubleError, trouble_of
from bot.deps import Clock, WorkspaceRef
from bot.turns import turn
from storage.database import Database

_log = logging.getLogger(__name__)

REMEMBERED = 60.0  # seconds; Slack accepts the token before for longer than that
ROTATE_BEFORE = 120  # minutes, as slack_sdk's own default: a token lasts twelve hours
NOT_INSTALLED = "not_installed"
AT_REST = 3600.0  # seconds that a lane rests where the app was removed
_ANOTHER_ROTATES = 2.0  # seconds


class InstalledClients:
    """Gives out clients with the tokens that workspaces installed the app with, fresh ones."""

    def __init__(
        self,
        *,
        template: WebClient,
        store: InstallationStore,
        rotator: TokenRotator,
        database: Database,
        clock: Clock,
    ) -> None:
        self._template = template
        self._store = store
        self._rotator = rotator
        self.database = database
        self.clock = clock
        self._known: dict[int, tuple[float, WebClient]] = {}
        self._asking = threading.Lock()

    def __call__(self, workspace: WorkspaceRef) -> WebClient:
        """A client for calls to a workspace's Slack. Raises SlackTroubleError where there is no token."""
        known = self._known.get(workspace.id)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        with self._asking:
            bot = self._fresh(workspace)
        client = copy.copy(self._template)
        client.token = bot.bot_token
        self._known[workspace.id] = (time.monotonic() + REMEMBERED, client)
        return client

    def forget(self) -> None:
        """Look everything up again: something was installed or removed."""
        self._known.clear()

    def _fresh(self, workspace: WorkspaceRef) -> Bot:
        bot = self._find(workspace)
        if not self._expires_within(bot, ROTATE_BEFORE):
            return bot
        # A refresh token is good for one use, so one process at a time uses it.
        with turn(self, workspace, "turn:token") as ours:
            if ours is not None:
                bot = self._rotated(bot=self._find(workspace))
        if self._expires_within(bot, 0):
            raise SlackTroubleError("token_expired", retry_after=_ANOTHER_ROTATES)
        return bot

    def _rotated(self, bot: Bot) -> Bot:
        try:
            rotated = self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=ROTATE_BEFORE
            )
        except (SlackTokenRotationError, OSError) as problem:
            _log.warning("a token could not be rotated", extra={"error": _code(problem)})
            return bot
        if rotated is None:  # another process has done it just now
            return bot
        self._store.save_bot(rotated)
        return rotated

    def _find(self, workspace: WorkspaceRef) -> Bot:
        bot = self._store.find_bot(
            enterprise_id=workspace.enterprise_id or None,
            team_id=workspace.team_id or None,
            is_enterprise_install=not workspace.team_id,
        )
        if bot is None:
            raise SlackTroubleError(NOT_INSTALLED, retry_after=AT_REST)
        return bot

    def _expires_within(self, bot: Bot, minutes: int) -> bool:
        expires = bot.bot_token_expires_at
        return expires is not None and expires <= time.time() + minutes * 60


def _code(problem: Exception) -> str:
    if isinstance(problem, SlackTokenRotationError):
        problem = problem.api_error
    if isinstance(problem, SlackApiError):
        return trouble_of(problem).code
    return type(problem).__name__
