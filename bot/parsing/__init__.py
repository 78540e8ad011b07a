"""Slash text becomes typed requests: pure functions without a database or Slack.

What people type arrives in Slack's own markup (`<@U123|maria>`, `&amp;`), with dashes and quotes
that phones have prettified. All of that is settled here, once; what comes out is plain text, to be
escaped where it is rendered.
"""

from bot.parsing.badge_names import (
    TYPO_CUTOFF,
    BadgeSplit,
    badge_key,
    badge_keys,
    names_a_badge,
    nearest,
    split_badges,
)
from bot.parsing.codes import AWARD_CODE, CODE_LETTERS, parse_code
from bot.parsing.recipients import AwardText, flag_in, parse_award
from bot.parsing.wording import ParseProblem, decode, first_word, shows, typed

__all__ = [
    "AWARD_CODE",
    "CODE_LETTERS",
    "TYPO_CUTOFF",
    "AwardText",
    "BadgeSplit",
    "ParseProblem",
    "badge_key",
    "badge_keys",
    "decode",
    "first_word",
    "flag_in",
    "names_a_badge",
    "nearest",
    "parse_award",
    "parse_code",
    "shows",
    "split_badges",
    "typed",
]
