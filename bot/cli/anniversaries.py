"""`laurel anniversaries run`: what is celebrated on a day, told beforehand or done at once."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TextIO

from bot import anniversaries, policies
from bot.authorization import reference
from bot.calendars import zone_of
from bot.cli import DONE, USED_WRONGLY, agreed, complain
from bot.cli.workspace import settings_there, slack_id_of, within_each
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.messages.text import is_channel_id
from bot.milestones import Plan
from bot.recording import Ran
from bot.settings import Settings
from storage import outbox, people
from storage.database import Database
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow

SENDING = 300.0  # seconds in which what was recorded is sent; then a Laurel that runs sends it
_NAMES_AT_ONCE = 500


class _Office(NamedTuple):
    """A workspace, the settings that hold there, and the day that is asked about."""

    workspace: WorkspaceRef
    settings: Settings
    day: date
    today: date


def run(
    settings: Settings,
    *,
    on: str | None,
    dry_run: bool,
    as_json: bool = False,
    sure: bool = False,
    team: str = "",
    now: datetime | None = None,
    ask: Callable[[str], str] | None = None,
) -> int:
    """Print what is celebrated on a day; without `dry_run`, record and send exactly that.

    In every workspace where Laurel is, or in one (`team`), each with its own settings and its own
    today. A day other than today is confirmed where somebody sits at a terminal (`ask`).
    """
    now = now or datetime.now(UTC)
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        complain(f"“{on}” is no day: write it like 2027-02-28.")
        return USED_WRONGLY

    def celebrate(database: Database, chosen: Sequence[WorkspaceRow]) -> int:
        offices = [
            _office(database, settings, reference(row), day, now)
            for row in chosen
            if row.uninstalled_at is None
        ]
        foreseen = {office: _foreseen(database, office, now) for office in offices}
        something = any(foreseen.values())
        asks = (
            something
            and not (dry_run or sure)
            and (ask is not None or sys.stdin.isatty())
            and any(one.day != one.today for one in offices)
        )
        if dry_run and as_json:
            _tell_script(database, foreseen)
        elif asks or not as_json:
            _tell(database, foreseen, sys.stderr if as_json else sys.stdout)
        if dry_run:
            return DONE
        declined = asks and not _confirmed(on, ask)
        if declined:
            complain("Nothing was recorded.")
        done = Ran()
        if declined or not something:
            return _report(settings, done, as_json=True) if as_json else DONE
        for workspace, in_force, when, _today in offices:
            done += anniversaries.run_day(
                database, workspace=workspace, settings=in_force, on=when, now=now
            )
        return _report(settings, done, as_json=as_json)

    return within_each(settings, celebrate, team=team, connections=4)


def _office(
    database: Database, settings: Settings, workspace: WorkspaceRef, day: date | None, now: datetime
) -> _Office:
    in_force = settings_there(database, settings, workspace)
    today = now.astimezone(zone_of(in_force.timezone)).date()
    return _Office(workspace, in_force, day or today, today)


def _foreseen(database: Database, office: _Office, now: datetime) -> list[Plan]:
    return list(
        anniversaries.foresee(
            database, workspace=office.workspace, settings=office.settings, on=office.day, now=now
        )
    )


def _confirmed(day: str | None, ask: Callable[[str], str] | None) -> bool:
    question = f"That is not today. Record and send what is celebrated on {day} now?"
    if ask is None:
        return agreed(question)
    return ask(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _lines(
    database: Database, foreseen: Mapping[_Office, Sequence[Plan]]
) -> dict[_Office, list[dict[str, Any]]]:
    return {
        office: [
            _line(plan, names, office.settings)
            for names in [_names(database, office.workspace, plans)]
            for plan in plans
        ]
        for office, plans in foreseen.items()
    }


def _tell_script(database: Database, foreseen: Mapping[_Office, Sequence[Plan]]) -> None:
    told = [
        {"workspace": slack_id_of(office.workspace), **line}
        for office, found in _lines(database, foreseen).items()
        for line in found
    ]
    print(json.dumps(told, indent=2, ensure_ascii=False))


def _tell(database: Database, foreseen: Mapping[_Office, Sequence[Plan]], out: TextIO) -> None:
    said = [] if foreseen else ["Laurel is in no workspace."]
    for office, found in _lines(database, foreseen).items():
        if len(foreseen) > 1:
            said.append(f"{slack_id_of(office.workspace)}  {visible(office.workspace.name)}")
        if not found:
            day = office.day
            said.append(f"Nothing is celebrated on {day:%A} {day} that is not recorded already.")
        for line in sorted(found, key=lambda line: (line["at"], line["name"])):
            moved = f", {line['moved']}" if line["moved"] else ""
            said.append(f"{line['when']}{moved}  {line['name']}  {line['length']}  {line['told']}")
        said += _of_digest(database, office, foreseen[office])
    for sentence in said:
        print(sentence, file=out)


def _of_digest(database: Database, office: _Office, plans: Sequence[Plan]) -> list[str]:
    limit = database.read(
        lambda session: policies.load(session, workspace_id=office.workspace.id)
    ).digest_above
    feed = sum(plan.feed for plan in plans) if office.settings.feed_channel else 0
    return [f"{feed} of them make one digest in {_feed(office.settings)}."] if feed > limit else []


def _feed(settings: Settings) -> str:
    """The feed's channel: by name where the environment says it, by id where the workspace did."""
    channel = settings.feed_channel
    return channel if is_channel_id(channel) else f"#{channel}"


def _line(plan: Plan, names: dict[Any, PersonRow], settings: Settings) -> dict[str, Any]:
    milestone, due = plan.due.milestone, plan.due
    zone = zone_of(plan.candidate.timezone, settings.timezone)
    local = due.at.astimezone(zone)
    told = f"recorded silently: {plan.silent}" if plan.silent else "direct message"
    if plan.feed and settings.feed_channel:
        told = f"{_feed(settings)} and direct message"
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
        waiting = (
            _send(settings)
            if settings.bot_token or settings.by_oauth
            else done.posts + done.messages
        )
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
        if wait > end - time.monotonic():
            break  # where Laurel was removed, lanes rest for years
        time.sleep(min(max(wait, 0.05), 5.0))
    counts = laurel.deps.database.read(outbox.counts_by_state)
    return counts["pending"] + counts["sending"]
