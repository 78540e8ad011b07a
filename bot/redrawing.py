"""Drawing an open view anew while somebody fills it in."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.messages.blocks import Block
from bot.recent import Recent

_OVERTAKEN = ("hash_conflict", "not_found")  # it was sent, closed or replaced meanwhile


class Redrawing:
    """Draws views anew after changes in their fields; threads share one."""

    def __init__(self) -> None:
        self._drawn_as = Recent()  # the hash Slack gave each view that was drawn anew

    def show(self, slack: WebClient, seen: Block, drawn: Block) -> bool:
        """Show this in place of the view that was seen when a field changed; False: it is gone.

        Two changes in quick succession come with the same hash. The second one may replace what was
        drawn for the first, but nothing else: the form may have been sent meanwhile. Raises
        SlackApiError.
        """
        view_id = seen["id"]
        for known in filter(None, (self._drawn_as.get(view_id), seen["hash"])):
            try:
                updated = slack.views_update(view_id=view_id, hash=known, view=drawn)
            except SlackApiError as problem:
                if problem.response.get("error") not in _OVERTAKEN:
                    raise
            else:
                self._drawn_as.put(view_id, str(updated["view"]["hash"]))
                return True
        return False
