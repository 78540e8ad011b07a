"""Bringing what an HR file says into the database.

    preview(database, …, file) -> Plan          what would change; writes nothing
    carry_out(database, …, file) -> Plan        does it, in one transaction: all of it or nothing

The plan is made anew from the file each time, so what is carried out is never out of date; with
`expected`, it is carried out only where it is still what was shown.
"""

from bot.people_import.importing import PlanChangedError, carry_out, latest_start, preview
from bot.people_import.planning import make_plan
from bot.people_import.plans import Adjusted, Plan, Started, Stranger

__all__ = [
    "Adjusted",
    "Plan",
    "PlanChangedError",
    "Started",
    "Stranger",
    "carry_out",
    "latest_start",
    "make_plan",
    "preview",
]
