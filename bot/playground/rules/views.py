"""Views, what an app may answer to their submission, and the answers of type-ahead menus."""

from collections.abc import Mapping

from bot.playground.rules.blocks import check_blocks
from bot.playground.rules.grammar import (
    FLAG,
    KNOWN,
    Faults,
    Items,
    Rule,
    Shape,
    String,
    plain,
    say,
)
from bot.playground.rules.messages import compact
from bot.playground.rules.objects import OPTION, OPTION_GROUP
from bot.playground.rules.refusal import Refusal

STACK_LIMIT = 3
# `view_too_large`: more than 250 kB.
VIEW_BYTES = 250_000

_COMMON: Mapping[str, Rule] = {
    "type": KNOWN,
    "blocks": KNOWN,
    "private_metadata": String(3000),
    "callback_id": String(255),
    "external_id": String(255),
}
MODAL = Shape(
    {
        **_COMMON,
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": FLAG,
        "notify_on_close": FLAG,
    },
    required=("title", "blocks"),
)
HOME = Shape(_COMMON, required=("blocks",))
SUGGESTIONS = Shape(
    {
        "options": Items(OPTION, 100, least=0),
        "option_groups": Items(OPTION_GROUP, 100, least=0),
    },
    one_of=("options", "option_groups"),
)


def check_view(view: object) -> Refusal | None:
    """Return why views.open, push, update or publish would refuse this view, or None.

    Pointers begin at `/view`, as in Slack's answers.
    """
    faults: Faults = []
    if not isinstance(view, Mapping):
        say(faults, "must provide an object", "/view")
        return Refusal("invalid_arguments", tuple(faults))
    kind = view.get("type")
    if kind == "modal":
        MODAL.check(dict(view), "/view", faults)
        if "blocks" in view:
            check_blocks(view["blocks"], "modal", "/view/blocks", faults)
        _check_submit(view, faults)
    elif kind == "home":
        HOME.check(dict(view), "/view", faults)
        if "blocks" in view:
            check_blocks(view["blocks"], "home", "/view/blocks", faults)
    elif kind is None:
        say(faults, "missing required field: type", "/view")
    else:
        say(faults, f"unsupported type: {kind}", "/view/type")
    if faults:
        return Refusal("invalid_arguments", tuple(faults))
    if len(compact(dict(view)).encode(errors="replace")) > VIEW_BYTES:
        return Refusal("view_too_large", (f"more than {VIEW_BYTES} bytes [json-pointer:/view]",))
    return None


def _check_submit(view: Mapping[str, object], faults: Faults) -> None:
    """Nobody could send what they typed into a modal that has no button for it."""
    blocks = view.get("blocks")
    if "submit" in view or not isinstance(blocks, list):
        return
    for place, block in enumerate(blocks):
        if isinstance(block, dict) and block.get("type") == "input":
            rule = "must define `submit` to use an `input` block in modals"
            say(faults, rule, f"/view/blocks/{place}/input")


def check_modal_stack(depth: int) -> Refusal | None:
    """Refuse a stack of more than three views; `depth` counts the one about to be pushed."""
    if depth > STACK_LIMIT:
        return Refusal("push_limit_reached", (f"no more than {STACK_LIMIT} views allowed",))
    return None


def check_response_action(payload: object, view: Mapping[str, object]) -> Refusal | None:
    """Return why Slack would not take this acknowledgement of a view's submission, or None.

    `view` is the submitted view with the `block_id`s that it has in Slack.  Slack has no error
    code here: people read "We had some trouble connecting" in the modal.  An empty payload closes
    the view.
    """
    if not payload:
        return None
    if not isinstance(payload, Mapping):
        return Refusal("invalid_arguments", ("must provide an object",))
    action = payload.get("response_action")
    faults: Faults = []
    if action in ("update", "push"):
        following = payload.get("view")
        if not isinstance(following, Mapping) or following.get("type") != "home":
            return check_view(following)
        say(faults, "unsupported type: home", "/view/type")
    elif action == "errors":
        _check_errors(payload.get("errors"), view, faults)
    elif action is None:
        say(faults, "missing required field: response_action", "")
    elif action != "clear":
        say(faults, "must be a valid enum value", "/response_action")
    return Refusal("invalid_arguments", tuple(faults)) if faults else None


def _check_errors(errors: object, view: Mapping[str, object], faults: Faults) -> None:
    if not isinstance(errors, dict) or not errors:
        say(faults, "must provide an object", "/errors")
        return
    blocks = view.get("blocks")
    inputs = [
        block.get("block_id")
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict) and block.get("type") == "input"
    ]
    for block_id, sentence in errors.items():
        if block_id not in inputs:
            say(faults, f'no input block has the `block_id` "{block_id}"', f"/errors/{block_id}")
        elif not isinstance(sentence, str) or not sentence:
            say(faults, "must provide a string", f"/errors/{block_id}")


def check_options(payload: object) -> Refusal | None:
    """Return why Slack would not show this answer to a `block_suggestion`, or None."""
    faults: Faults = []
    SUGGESTIONS.check(dict(payload) if isinstance(payload, Mapping) else payload, "", faults)
    return Refusal("invalid_arguments", tuple(faults)) if faults else None
