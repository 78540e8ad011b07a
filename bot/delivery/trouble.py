"""What Slack's refusals and failures mean: whether trying again can help, and what an admin can do."""

import http.client
import re
import socket
import ssl
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.kept_alive import NotConnectedError
from storage.outbox import GAVE_UP

T = TypeVar("T")

_LONGEST_PAUSE = 3600.0  # seconds; Slack names less, a proxy perhaps what no clock can hold
INTERNAL = "internal"  # internal:KeyError - a mistake of Laurel's own


class Advice(NamedTuple):
    """Whether an error stays until somebody does something, and what that is."""

    permanent: bool
    sentence: str


class SlackTroubleError(Exception):
    """A request to Slack that did not succeed.

    `code` is Slack's own or one of ours (`http_500`, `garbage`, `no_answer`, `unreachable`);
    `retry_after` is in seconds where Slack named it; `in_doubt` says that it may have been done.
    """

    def __init__(
        self, code: str, *, retry_after: float | None = None, in_doubt: bool = False
    ) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.in_doubt = in_doubt

    @property
    def permanent(self) -> bool:
        """Whether trying again is no use until somebody does something."""
        return self.retry_after is None and explain(self.code).permanent


_invite = "Invite Laurel to the channel with /invite, then run `laurel deliveries retry`."
_credentials = (
    "Slack does not accept SLACK_BOT_TOKEN any more: install the app again, set the new token, "
    "restart Laurel, then run `laurel deliveries retry`."
)
_channel = (
    "Slack knows no such channel, or it is private and Laurel is not in it: choose a channel that "
    "exists (under Settings in Laurel's Home, or by LAUREL_FEED_CHANNEL), or invite Laurel to it."
)
_person = "Slack knows no such person any more; there is nothing to do."
_posting = (
    "The workspace does not let Laurel post there: an admin can allow it under the channel's "
    "posting permissions."
)
_message = (
    "Slack does not take the message in this form. Please report it as a mistake in Laurel, with "
    "the error's name."
)
_overtaken = "The view was closed or waited too long; whoever opens it again goes on."
_editing = "Slack does not let this message be changed any more; edit or delete it by hand."

# The same where each workspace installs the app by OAuth, with the address at which it does.
_INSTALLED_ANEW = {
    "missing_scope": (
        "The app lacks a scope: bring its manifest up to date with `laurel manifest`, install it "
        "again in the workspace at {}, then run `laurel deliveries retry`."
    ),
    **dict.fromkeys(
        ("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
        "Slack does not accept the workspace's token any more: install Laurel there again at {}, "
        "then run `laurel deliveries retry`.",
    ),
}

_permanent = {
    "channel_not_found": _channel,
    "not_in_channel": _invite,
    "is_archived": "The channel is archived: unarchive it, or choose another feed channel.",
    "account_inactive": _credentials,
    "invalid_auth": _credentials,
    "not_authed": "There is no SLACK_BOT_TOKEN: set it and restart Laurel.",
    "token_expired": _credentials,
    "token_revoked": _credentials,
    "missing_scope": (
        "The app lacks a scope: bring its manifest up to date with `laurel manifest`, install it "
        "again, then run `laurel deliveries retry`."
    ),
    "no_permission": _posting,
    "ekm_access_denied": "The organisation has suspended posting; ask its Slack admin.",
    "restricted_action": _posting,
    "restricted_action_read_only_channel": _posting,
    "restricted_action_non_threadable_channel": _posting,
    "restricted_action_thread_only_channel": _posting,
    "team_access_not_granted": "Laurel is not installed in that workspace: add it there.",
    "org_login_required": "The workspace is moving to another organisation; try again afterwards.",
    "access_denied": _posting,
    "user_not_found": _person,
    "users_not_found": _person,
    "user_disabled": _person,
    "cannot_dm_bot": "Slack does not deliver messages to bots; there is nothing to do.",
    "messages_tab_disabled": (
        "The app takes no direct messages: switch on the messages tab of its App Home."
    ),
    "msg_too_long": _message,
    "msg_blocks_too_long": _message,
    "no_text": _message,
    "invalid_blocks": _message,
    "invalid_blocks_format": _message,
    "invalid_arguments": _message,
    "invalid_metadata_format": _message,
    "metadata_too_large": _message,
    "cant_update_message": _editing,
    "cant_delete_message": _editing,
    "edit_window_closed": _editing,
    "compliance_exports_prevent_deletion": _editing,
    "message_not_found": "Somebody deleted the message; there is nothing to do.",
    "file_uploads_disabled": "The workspace takes no files; posts go without their picture.",
    "storage_limit_reached": (
        "The workspace's storage is full; posts go without their picture until there is room."
    ),
    "no_such_picture": "The badge of this picture is gone; there is nothing to do.",
}
_transient = {
    "ratelimited": "Slack asked for a pause; Laurel keeps it.",
    "rate_limited": "Slack asked for a pause; Laurel keeps it.",
    "not_installed": "Laurel was removed from the workspace; installed again, it goes on.",
    "message_limit_exceeded": "The workspace has sent too many messages; Laurel tries again.",
    "expired_trigger_id": _overtaken,
    "exchanged_trigger_id": _overtaken,
    "invalid_trigger_id": _overtaken,
    "hash_conflict": _overtaken,
    "not_found": _overtaken,
    "internal_error": "Slack has trouble of its own; Laurel tries again.",
    "fatal_error": "Slack has trouble of its own; Laurel tries again.",
    "service_unavailable": "Slack has trouble of its own; Laurel tries again.",
    "request_timeout": "The request did not reach Slack whole; Laurel tries again.",
    "garbage": "What came back was not Slack's: is a proxy in between, is SLACK_API_URL right?",
    "no_answer": "Slack did not answer in time; Laurel tries again.",
    "unreachable": "Slack cannot be reached from here: check the network, DNS and any proxy.",
}
# With these Slack does not say that nothing was done.
_doubtful = frozenset({"internal_error", "fatal_error", "service_unavailable"})
_FAILURES = (
    SlackClientError,
    OSError,
    http.client.HTTPException,
    ValueError,
    AttributeError,
    RecursionError,  # JSON that is too deep
)


def explain(error: str, *, install_url: str = "") -> Advice:
    """What a delivery's error means for an admin; `install_url` where workspaces install the app."""
    cause, _, rest = error.partition(":")
    if cause == GAVE_UP:
        return Advice(
            True,
            f"It failed for 24 hours: {explain(rest, install_url=install_url).sentence} "
            "Once that is over, run `laurel deliveries retry`.",
        )
    if cause == INTERNAL:
        return Advice(
            True, "A mistake in Laurel: the log has it with the delivery's id. Please report it."
        )
    if install_url and cause in _INSTALLED_ANEW:
        return Advice(True, _INSTALLED_ANEW[cause].format(install_url))
    if cause in _permanent:
        return Advice(True, _permanent[cause])
    if cause in _transient:
        return Advice(False, _transient[cause])
    if cause.startswith("http_"):
        return Advice(False, "Slack's servers have trouble; Laurel tries again.")
    return Advice(True, f"Slack refused it with `{cause}`: its API reference says what that means.")


def ask(request: Callable[[], T]) -> T:
    """Make a request by slack_sdk; raises SlackTroubleError for whatever goes wrong with it."""
    try:
        return request()
    except _FAILURES as problem:
        raise trouble_of(problem) from problem


def trouble_of(problem: Exception) -> SlackTroubleError:
    """What an exception of slack_sdk, or from beneath it, means."""
    match problem:
        case SlackTroubleError():
            return problem
        case SlackApiError():
            return _refused(problem)
        case HTTPError():
            return trouble_of_status(problem.code, problem.headers)
        case URLError():
            return _unsent(problem)
        case OSError() | http.client.HTTPException():
            return SlackTroubleError("no_answer", in_doubt=True)
    # JSON that is not an object, or no text at all: the SDK trips over it.
    return SlackTroubleError("garbage", in_doubt=True)


def _refused(refusal: SlackApiError) -> SlackTroubleError:
    response = refusal.response
    status = getattr(response, "status_code", 200)
    if status == 429 or status >= 500:
        return trouble_of_status(status, response.headers)
    body = getattr(response, "data", None)
    code = body.get("error") if isinstance(body, dict) else None
    # The SDK reports a body that is no JSON as an error of several words.
    if not isinstance(code, str) or not re.fullmatch(r"[a-z0-9_]+", code):
        return SlackTroubleError("garbage", in_doubt=True)
    return SlackTroubleError(code, in_doubt=code in _doubtful)


def trouble_of_status(status: int, headers: object) -> SlackTroubleError:
    """What an HTTP status other than 200 means."""
    if status != 429:
        return SlackTroubleError(f"http_{status}", in_doubt=status >= 500)
    named = {name.lower(): value for name, value in dict(headers).items()}  # type: ignore[call-overload]
    try:
        seconds = float(named.get("retry-after", 1))
    except ValueError:
        seconds = 30.0
    # "nan" is a float too, and not less than anything.
    pause = max(seconds, 1.0) if seconds <= _LONGEST_PAUSE else _LONGEST_PAUSE
    return SlackTroubleError("ratelimited", retry_after=pause)


def _unsent(problem: URLError) -> SlackTroubleError:
    # That is urllib's for whatever broke before there was an answer, where a proxy is in between.
    never = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
    unsent = isinstance(problem, NotConnectedError) or isinstance(problem.reason, never)
    return SlackTroubleError("unreachable", in_doubt=not unsent)
