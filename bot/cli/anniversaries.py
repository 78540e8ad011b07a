"""`laurel anniversaries run`: what is celebrated on a day, told beforehand or done at once."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from bot import anniversaries, policies
from bot.authorization import reference
from bot.calendars import zone_of
from bot.cli import DONE, FAILED, USED_WRONGLY, complain
from bot.deps import WorkspaceRef
from bot.milestones import Plan
from bot.recording import Ran
from bot.settings import Settings
from storage import migrate, outbox, people, workspaces
from storage.database import Database, DatabaseUnavailableError
from storage.people import PersonRow

PATIENCE = 60.0  # seconds for the database: nobody waits for an answer in Slack
SENDING = 300.0  # seconds in which what was recorded is sent; then a Laurel that runs sends it
_NAMES_AT_ONCE = 500


def run(
    settings: Settings,
    *,
    on: str | None,
    dry_run: bool,
    as_json: bool = False,
    sure: bool = False,
    now: datetime | None = None,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Print what is celebrated on a day; without `dry_run`, record and send exactly that.

    A day other than today is confirmed where somebody sits at a terminal (`ask`).
    """
    now = now or datetime.now(UTC)
    today = now.astimezone(zone_of(settings.timezone)).date()
    try:
        day = date.fromisoformat(on) if on else today
    except ValueError:
        complain(f"“{on}” is no day: write it like 2027-02-28.")
        return USED_WRONGLY
    database = Database(settings.database_url, connections=4, patience=PATIENCE)
    try:
        if not migrate.is_current(database):
            complain("The tables are not up to date: run `laurel db upgrade` first.")
            return FAILED
        refs = [reference(row) for row in database.read(workspaces.installed)]
        foreseen = {
            ref: list(
                anniversaries.foresee(database, workspace=ref, settings=settings, on=day, now=now)
            )
            for ref in refs
        }
        _tell(database, settings, foreseen, day, as_json=as_json and dry_run)
        if dry_run or not any(foreseen.values()):
            return DONE
        if day != today and not sure and not _confirmed(day, ask):
            print("Nothing was recorded.")
            return DONE
        done = Ran()
        for ref in refs:
            done += anniversaries.run_day(
                database, workspace=ref, settings=settings, on=day, now=now
            )
    except DatabaseUnavailableError as problem:
        complain(f"The database does not answer ({str(problem).strip()}): check DATABASE_URL.")
        return FAILED
    finally:
        database.close()
    return _report(settings, done, as_json=as_json)


def _confirmed(day: date, ask: Callable[[str], str] | None) -> bool:
    if ask is None:
        if not sys.stdin.isatty():
            return True
        ask = input
    answer = ask(f"That is not today. Record and send what is celebrated on {day} now? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _tell(
    database: Database,
    settings: Settings,
    foreseen: dict[WorkspaceRef, list[Plan]],
    day: date,
    *,
    as_json: bool,
) -> None:
    lines: list[dict[str, Any]] = []
    for workspace, plans in foreseen.items():
        names = _names(database, workspace, plans)
        lines += [_line(plan, names, settings) for plan in plans]
    if as_json:
        print(json.dumps(lines, indent=2, ensure_ascii=False))
        return
    if not lines:
        print(f"Nothing is celebrated on {day:%A} {day} that is not recorded already.")
        return
    for line in sorted(lines, key=lambda line: (line["at"], line["name"])):
        moved = f", {line['moved']}" if line["moved"] else ""
        print(f"{line['when']}{moved}  {line['name']}  {line['length']}  {line['told']}")
    for workspace, plans in foreseen.items():
        limit = database.read(
            lambda session, id_=workspace.id: policies.load(session, workspace_id=id_)  # type: ignore[misc]
        ).digest_above
        feed = sum(plan.feed for plan in plans) if settings.feed_channel else 0
        if feed > limit:
            print(f"{feed} of them make one digest in #{settings.feed_channel}.")


def _line(plan: Plan, names: dict[Any, PersonRow], settings: Settings) -> dict[str, Any]:
    milestone, due = plan.due.milestone, plan.due
    zone = zone_of(plan.candidate.timezone, settings.timezone)
    local = due.at.astimezone(zone)
    told = f"recorded silently: {plan.silent}" if plan.silent else "direct message"
    if plan.feed and settings.feed_channel:
        told = f"#{settings.feed_channel} and direct message"
    if not plan.award:
        told += ", no badge"
    return {
        "name": names[plan.candidate.person_id].name,
        "length": milestone.length.words,
        "due_on": milestone.due_on.isoformat(),
        "celebrated_on": due.celebrated_on.isoformat(),
        "at": due.at.isoformat(),
        "when": f"{local:%a %d %b %Y, %H:%M} {zone.key}",
        "moved": due.why,
        "told": told,
    }


def _names(
    database: Database, workspace: WorkspaceRef, plans: Sequence[Plan]
) -> dict[Any, PersonRow]:
    found: dict[Any, PersonRow] = {}
    for start in range(0, len(plans), _NAMES_AT_ONCE):
        ids = {plan.candidate.person_id for plan in plans[start : start + _NAMES_AT_ONCE]}
        found |= database.read(
            lambda session, ids=ids: people.by_ids(session, workspace_id=workspace.id, ids=ids)  # type: ignore[misc]
        )
    return found


def _report(settings: Settings, done: Ran, *, as_json: bool) -> int:
    waiting = 0
    if done.posts + done.messages:
        waiting = _send(settings) if settings.bot_token else done.posts + done.messages
    said = {
        "recorded": done.recorded,
        "awarded": done.awarded,
        "posts": done.posts,
        "messages": done.messages,
        "waiting": waiting,
    }
    if as_json:
        print(json.dumps(said))
        return DONE
    print(
        f"{done.recorded} recorded, {done.awarded} awarded;"
        f" {done.posts} posts and {done.messages} direct messages."
    )
    if waiting:
        print(f"{waiting} of them wait still; a Laurel that runs sends them.")
    return DONE


def _send(settings: Settings) -> int:
    """Send what waits at once, as far as Slack's rates allow, and return how much is left."""
    from bot.app import build

    laurel = build(settings)
    end = time.monotonic() + SENDING
    while time.monotonic() < end:
        laurel.courier.run_due()
        due = laurel.courier.next_at()
        if due is None:
            return 0
        wait = (due - datetime.now(UTC)).total_seconds()
        time.sleep(min(max(wait, 0.05), 5.0))
    counts = laurel.deps.database.read(outbox.counts_by_state)
    return counts["pending"] + counts["sending"]
