"""Sends the outbox to Slack: lanes, rates, retries, dead letters.

courier = Courier(database=…, slack=deps.slack, clock=…, announcing=Announcer(…), draw=…)
courier.start(); courier.wake(); courier.stop()     # a process that serves
courier.run_due(); courier.next_at()                # a test, or one pass by hand
explain("not_in_channel")                           # -> (permanent, what an admin can do)
"""

from bot.delivery.courier import Courier
from bot.delivery.parts import Announcing, Draw, Message, Upload
from bot.delivery.trouble import Advice, SlackTroubleError, explain

__all__ = [
    "Advice",
    "Announcing",
    "Courier",
    "Draw",
    "Message",
    "SlackTroubleError",
    "Upload",
    "explain",
]
